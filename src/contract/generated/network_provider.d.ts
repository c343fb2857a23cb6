import * as $protobuf from "protobufjs/light";
import Long = require("long");

/** Namespace ironic. */
export namespace ironic {

    /** Namespace network_provider. */
    namespace network_provider {

        /** Namespace v1. */
        namespace v1 {

            /** Represents a NetworkProvider */
            class NetworkProvider extends $protobuf.rpc.Service {

                /** Reflection-backed declarations are not constructable. Use NetworkProvider.create(...) instead. */
                private constructor();

                /**
                 * Creates new NetworkProvider service using the specified rpc implementation.
                 * @param rpcImpl RPC implementation
                 * @param [requestDelimited=false] Whether requests are length-delimited
                 * @param [responseDelimited=false] Whether responses are length-delimited
                 * @returns RPC service. Useful where requests and/or responses are streamed.
                 */
                static create(rpcImpl: $protobuf.RPCImpl, requestDelimited?: boolean, responseDelimited?: boolean): NetworkProvider;

                /** Calls add_provisioning_network. */
                add_provisioning_network: ironic.network_provider.v1.NetworkProvider.add_provisioning_network;

                /** Calls remove_provisioning_network. */
                remove_provisioning_network: ironic.network_provider.v1.NetworkProvider.remove_provisioning_network;

                /** Calls add_cleaning_network. */
                add_cleaning_network: ironic.network_provider.v1.NetworkProvider.add_cleaning_network;

                /** Calls remove_cleaning_network. */
                remove_cleaning_network: ironic.network_provider.v1.NetworkProvider.remove_cleaning_network;

                /** Calls configure_tenant_networks. */
                configure_tenant_networks: ironic.network_provider.v1.NetworkProvider.configure_tenant_networks;

                /** Calls unconfigure_tenant_networks. */
                unconfigure_tenant_networks: ironic.network_provider.v1.NetworkProvider.unconfigure_tenant_networks;

                /** Calls add_rescuing_network. */
                add_rescuing_network: ironic.network_provider.v1.NetworkProvider.add_rescuing_network;

                /** Calls remove_rescuing_network. */
                remove_rescuing_network: ironic.network_provider.v1.NetworkProvider.remove_rescuing_network;

                /** Calls add_inspection_network. */
                add_inspection_network: ironic.network_provider.v1.NetworkProvider.add_inspection_network;

                /** Calls remove_inspection_network. */
                remove_inspection_network: ironic.network_provider.v1.NetworkProvider.remove_inspection_network;

                /** Calls add_servicing_network. */
                add_servicing_network: ironic.network_provider.v1.NetworkProvider.add_servicing_network;

                /** Calls remove_servicing_network. */
                remove_servicing_network: ironic.network_provider.v1.NetworkProvider.remove_servicing_network;

                /** Calls validate. */
                validate: ironic.network_provider.v1.NetworkProvider.validate;

                /** Calls vif_attach. */
                vif_attach: ironic.network_provider.v1.NetworkProvider.vif_attach;

                /** Calls vif_detach. */
                vif_detach: ironic.network_provider.v1.NetworkProvider.vif_detach;

                /** Calls vif_list. */
                vif_list: ironic.network_provider.v1.NetworkProvider.vif_list;

                /** Calls get_current_vif. */
                get_current_vif: ironic.network_provider.v1.NetworkProvider.get_current_vif;

                /** Calls port_changed. */
                port_changed: ironic.network_provider.v1.NetworkProvider.port_changed;

                /** Calls portgroup_changed. */
                portgroup_changed: ironic.network_provider.v1.NetworkProvider.portgroup_changed;

                /** Calls need_power_on. */
                need_power_on: ironic.network_provider.v1.NetworkProvider.need_power_on;

                /** Calls get_node_network_data. */
                get_node_network_data: ironic.network_provider.v1.NetworkProvider.get_node_network_data;

                /** Calls update_dhcp_options. */
                update_dhcp_options: ironic.network_provider.v1.NetworkProvider.update_dhcp_options;

                /** Calls reattach. */
                reattach: ironic.network_provider.v1.NetworkProvider.reattach;

                /** Calls reconcile. */
                reconcile: ironic.network_provider.v1.NetworkProvider.reconcile;

                /** Calls operation_result. */
                operation_result: ironic.network_provider.v1.NetworkProvider.operation_result;
            }

            namespace NetworkProvider {

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#add_provisioning_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type add_provisioning_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls add_provisioning_network. */
                type add_provisioning_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.add_provisioning_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "add_provisioning_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/add_provisioning_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#remove_provisioning_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type remove_provisioning_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls remove_provisioning_network. */
                type remove_provisioning_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.remove_provisioning_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "remove_provisioning_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/remove_provisioning_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#add_cleaning_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type add_cleaning_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls add_cleaning_network. */
                type add_cleaning_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.add_cleaning_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "add_cleaning_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/add_cleaning_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#remove_cleaning_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type remove_cleaning_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls remove_cleaning_network. */
                type remove_cleaning_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.remove_cleaning_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "remove_cleaning_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/remove_cleaning_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#configure_tenant_networks}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type configure_tenant_networksCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls configure_tenant_networks. */
                type configure_tenant_networks = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.configure_tenant_networksCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "configure_tenant_networks";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/configure_tenant_networks";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#unconfigure_tenant_networks}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type unconfigure_tenant_networksCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls unconfigure_tenant_networks. */
                type unconfigure_tenant_networks = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.unconfigure_tenant_networksCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "unconfigure_tenant_networks";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/unconfigure_tenant_networks";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#add_rescuing_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type add_rescuing_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls add_rescuing_network. */
                type add_rescuing_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.add_rescuing_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "add_rescuing_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/add_rescuing_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#remove_rescuing_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type remove_rescuing_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls remove_rescuing_network. */
                type remove_rescuing_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.remove_rescuing_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "remove_rescuing_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/remove_rescuing_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#add_inspection_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type add_inspection_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls add_inspection_network. */
                type add_inspection_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.add_inspection_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "add_inspection_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/add_inspection_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#remove_inspection_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type remove_inspection_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls remove_inspection_network. */
                type remove_inspection_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.remove_inspection_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "remove_inspection_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/remove_inspection_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#add_servicing_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type add_servicing_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls add_servicing_network. */
                type add_servicing_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.add_servicing_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "add_servicing_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/add_servicing_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#remove_servicing_network}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type remove_servicing_networkCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls remove_servicing_network. */
                type remove_servicing_network = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.remove_servicing_networkCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "remove_servicing_network";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/remove_servicing_network";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#validate}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type validateCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls validate. */
                type validate = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.validateCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "validate";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/validate";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#vif_attach}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type vif_attachCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls vif_attach. */
                type vif_attach = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.vif_attachCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "vif_attach";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/vif_attach";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#vif_detach}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type vif_detachCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls vif_detach. */
                type vif_detach = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.vif_detachCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "vif_detach";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/vif_detach";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#vif_list}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type vif_listCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls vif_list. */
                type vif_list = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.vif_listCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "vif_list";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/vif_list";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#get_current_vif}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type get_current_vifCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls get_current_vif. */
                type get_current_vif = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.get_current_vifCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "get_current_vif";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/get_current_vif";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#port_changed}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type port_changedCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls port_changed. */
                type port_changed = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.port_changedCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "port_changed";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/port_changed";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#portgroup_changed}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type portgroup_changedCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls portgroup_changed. */
                type portgroup_changed = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.portgroup_changedCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "portgroup_changed";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/portgroup_changed";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#need_power_on}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type need_power_onCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls need_power_on. */
                type need_power_on = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.need_power_onCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "need_power_on";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/need_power_on";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#get_node_network_data}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type get_node_network_dataCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls get_node_network_data. */
                type get_node_network_data = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.get_node_network_dataCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "get_node_network_data";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/get_node_network_data";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#update_dhcp_options}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type update_dhcp_optionsCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls update_dhcp_options. */
                type update_dhcp_options = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.update_dhcp_optionsCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "update_dhcp_options";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/update_dhcp_options";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#reattach}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type reattachCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls reattach. */
                type reattach = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.reattachCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "reattach";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/reattach";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#reconcile}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type reconcileCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls reconcile. */
                type reconcile = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.reconcileCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "reconcile";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/reconcile";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link ironic.network_provider.v1.NetworkProvider#operation_result}.
                 * @param error Error, if any
                 * @param [response] OperationResult
                 */
                type operation_resultCallback = (error: (Error|null), response?: ironic.network_provider.v1.OperationResult) => void;

                /** Calls operation_result. */
                type operation_result = {
                  (request: ironic.network_provider.v1.ITask, callback: ironic.network_provider.v1.NetworkProvider.operation_resultCallback): void;
                  (request: ironic.network_provider.v1.ITask): Promise<ironic.network_provider.v1.OperationResult>;
                  readonly name: "operation_result";
                  readonly path: "/ironic.network_provider.v1.NetworkProvider/operation_result";
                  readonly requestType: "Task";
                  readonly responseType: "OperationResult";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };
            }

            /**
             * Properties of a Task.
             * @deprecated Use ironic.network_provider.v1.Task.$Properties instead.
             */
            interface ITask extends ironic.network_provider.v1.Task.$Properties {
            }

            /** Represents a Task. */
            class Task {

                /** Reflection-backed declarations are not constructable. Use Task.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Task node. */
                node: ironic.network_provider.v1.Node;

                /** Task ports. */
                ports: ironic.network_provider.v1.Port[];

                /** Task portgroups. */
                portgroups: ironic.network_provider.v1.Portgroup[];

                /**
                 * Creates a new Task instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Task instance
                 */
                static create(properties: ironic.network_provider.v1.Task.$Shape): ironic.network_provider.v1.Task & ironic.network_provider.v1.Task.$Shape;
                static create(properties?: ironic.network_provider.v1.Task.$Properties): ironic.network_provider.v1.Task;

                /**
                 * Encodes the specified Task message. Does not implicitly {@link ironic.network_provider.v1.Task.verify|verify} messages.
                 * @param message Task message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.Task.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Task message, length delimited. Does not implicitly {@link ironic.network_provider.v1.Task.verify|verify} messages.
                 * @param message Task message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.Task.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Task message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.Task & ironic.network_provider.v1.Task.$Shape} Task
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.Task & ironic.network_provider.v1.Task.$Shape;

                /**
                 * Decodes a Task message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.Task & ironic.network_provider.v1.Task.$Shape} Task
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.Task & ironic.network_provider.v1.Task.$Shape;

                /**
                 * Verifies a Task message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Task message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Task
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.Task;

                /**
                 * Creates a plain object from a Task message. Also converts values to other types if specified.
                 * @param message Task
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.Task, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Task to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Task
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Task {

                /** Properties of a Task. */
                interface $Properties {

                    /** Task node */
                    node?: ironic.network_provider.v1.Node.$Properties;

                    /** Task ports */
                    ports?: ironic.network_provider.v1.Port.$Properties[];

                    /** Task portgroups */
                    portgroups?: ironic.network_provider.v1.Portgroup.$Properties[];

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Task. */
                type $Shape = {
                  node?: ironic.network_provider.v1.Node.$Shape;
                  ports?: ironic.network_provider.v1.Port.$Shape[];
                  portgroups?: ironic.network_provider.v1.Portgroup.$Shape[];
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a Node.
             * @deprecated Use ironic.network_provider.v1.Node.$Properties instead.
             */
            interface INode extends ironic.network_provider.v1.Node.$Properties {
            }

            /** Represents a Node. */
            class Node {

                /** Reflection-backed declarations are not constructable. Use Node.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Node uuid. */
                uuid: string;

                /** Node name. */
                name: (string|null);

                /** Node network_provider. */
                network_provider: (string|null);

                /** Node instance_uuid. */
                instance_uuid: (string|null);

                /** Node driver_info. */
                driver_info: google.protobuf.Struct;

                /** Node instance_info. */
                instance_info: google.protobuf.Struct;

                /** Node provision_state. */
                provision_state: (string|null);

                /** Node boot_interface. */
                boot_interface: (string|null);

                /** Node network_data. */
                network_data: google.protobuf.Struct;

                /** Node network_interface. */
                network_interface: (string|null);

                /** Node pxe_boot. */
                pxe_boot: (boolean|null);

                /**
                 * Creates a new Node instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Node instance
                 */
                static create(properties: ironic.network_provider.v1.Node.$Shape): ironic.network_provider.v1.Node & ironic.network_provider.v1.Node.$Shape;
                static create(properties?: ironic.network_provider.v1.Node.$Properties): ironic.network_provider.v1.Node;

                /**
                 * Encodes the specified Node message. Does not implicitly {@link ironic.network_provider.v1.Node.verify|verify} messages.
                 * @param message Node message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.Node.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Node message, length delimited. Does not implicitly {@link ironic.network_provider.v1.Node.verify|verify} messages.
                 * @param message Node message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.Node.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Node message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.Node & ironic.network_provider.v1.Node.$Shape} Node
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.Node & ironic.network_provider.v1.Node.$Shape;

                /**
                 * Decodes a Node message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.Node & ironic.network_provider.v1.Node.$Shape} Node
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.Node & ironic.network_provider.v1.Node.$Shape;

                /**
                 * Verifies a Node message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Node message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Node
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.Node;

                /**
                 * Creates a plain object from a Node message. Also converts values to other types if specified.
                 * @param message Node
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.Node, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Node to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Node
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Node {

                /** Properties of a Node. */
                interface $Properties {

                    /** Node uuid */
                    uuid?: string;

                    /** Node name */
                    name?: (string|null);

                    /** Node network_provider */
                    network_provider?: (string|null);

                    /** Node instance_uuid */
                    instance_uuid?: (string|null);

                    /** Node driver_info */
                    driver_info?: google.protobuf.Struct.$Properties;

                    /** Node instance_info */
                    instance_info?: google.protobuf.Struct.$Properties;

                    /** Node provision_state */
                    provision_state?: (string|null);

                    /** Node boot_interface */
                    boot_interface?: (string|null);

                    /** Node network_data */
                    network_data?: google.protobuf.Struct.$Properties;

                    /** Node network_interface */
                    network_interface?: (string|null);

                    /** Node pxe_boot */
                    pxe_boot?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Node. */
                type $Shape = {
                  uuid?: string;
                  name?: string|null;
                  network_provider?: string|null;
                  instance_uuid?: string|null;
                  driver_info?: google.protobuf.Struct.$Shape;
                  instance_info?: google.protobuf.Struct.$Shape;
                  provision_state?: string|null;
                  boot_interface?: string|null;
                  network_data?: google.protobuf.Struct.$Shape;
                  network_interface?: string|null;
                  pxe_boot?: boolean|null;
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a Port.
             * @deprecated Use ironic.network_provider.v1.Port.$Properties instead.
             */
            interface IPort extends ironic.network_provider.v1.Port.$Properties {
            }

            /** Represents a Port. */
            class Port {

                /** Reflection-backed declarations are not constructable. Use Port.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Port uuid. */
                uuid: string;

                /** Port address. */
                address: string;

                /** Port portgroup_uuid. */
                portgroup_uuid: (string|null);

                /** Port pxe_enabled. */
                pxe_enabled: (boolean|null);

                /** Port local_link_connection. */
                local_link_connection: google.protobuf.Struct;

                /** Port physical_network. */
                physical_network: (string|null);

                /** Port is_smartnic. */
                is_smartnic: (boolean|null);

                /** Port internal_info. */
                internal_info: google.protobuf.Struct;

                /** Port extra. */
                extra: google.protobuf.Struct;

                /**
                 * Creates a new Port instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Port instance
                 */
                static create(properties: ironic.network_provider.v1.Port.$Shape): ironic.network_provider.v1.Port & ironic.network_provider.v1.Port.$Shape;
                static create(properties?: ironic.network_provider.v1.Port.$Properties): ironic.network_provider.v1.Port;

                /**
                 * Encodes the specified Port message. Does not implicitly {@link ironic.network_provider.v1.Port.verify|verify} messages.
                 * @param message Port message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.Port.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Port message, length delimited. Does not implicitly {@link ironic.network_provider.v1.Port.verify|verify} messages.
                 * @param message Port message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.Port.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Port message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.Port & ironic.network_provider.v1.Port.$Shape} Port
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.Port & ironic.network_provider.v1.Port.$Shape;

                /**
                 * Decodes a Port message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.Port & ironic.network_provider.v1.Port.$Shape} Port
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.Port & ironic.network_provider.v1.Port.$Shape;

                /**
                 * Verifies a Port message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Port message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Port
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.Port;

                /**
                 * Creates a plain object from a Port message. Also converts values to other types if specified.
                 * @param message Port
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.Port, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Port to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Port
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Port {

                /** Properties of a Port. */
                interface $Properties {

                    /** Port uuid */
                    uuid?: string;

                    /** Port address */
                    address?: string;

                    /** Port portgroup_uuid */
                    portgroup_uuid?: (string|null);

                    /** Port pxe_enabled */
                    pxe_enabled?: (boolean|null);

                    /** Port local_link_connection */
                    local_link_connection?: google.protobuf.Struct.$Properties;

                    /** Port physical_network */
                    physical_network?: (string|null);

                    /** Port is_smartnic */
                    is_smartnic?: (boolean|null);

                    /** Port internal_info */
                    internal_info?: google.protobuf.Struct.$Properties;

                    /** Port extra */
                    extra?: google.protobuf.Struct.$Properties;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Port. */
                type $Shape = {
                  uuid?: string;
                  address?: string;
                  portgroup_uuid?: string|null;
                  pxe_enabled?: boolean|null;
                  local_link_connection?: google.protobuf.Struct.$Shape;
                  physical_network?: string|null;
                  is_smartnic?: boolean|null;
                  internal_info?: google.protobuf.Struct.$Shape;
                  extra?: google.protobuf.Struct.$Shape;
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a Portgroup.
             * @deprecated Use ironic.network_provider.v1.Portgroup.$Properties instead.
             */
            interface IPortgroup extends ironic.network_provider.v1.Portgroup.$Properties {
            }

            /** Represents a Portgroup. */
            class Portgroup {

                /** Reflection-backed declarations are not constructable. Use Portgroup.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Portgroup uuid. */
                uuid: string;

                /** Portgroup name. */
                name: (string|null);

                /** Portgroup address. */
                address: (string|null);

                /** Portgroup mode. */
                mode: (string|null);

                /** Portgroup properties. */
                properties: google.protobuf.Struct;

                /** Portgroup standalone_ports_supported. */
                standalone_ports_supported: (boolean|null);

                /** Portgroup physical_network. */
                physical_network: (string|null);

                /** Portgroup internal_info. */
                internal_info: google.protobuf.Struct;

                /** Portgroup extra. */
                extra: google.protobuf.Struct;

                /**
                 * Creates a new Portgroup instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Portgroup instance
                 */
                static create(properties: ironic.network_provider.v1.Portgroup.$Shape): ironic.network_provider.v1.Portgroup & ironic.network_provider.v1.Portgroup.$Shape;
                static create(properties?: ironic.network_provider.v1.Portgroup.$Properties): ironic.network_provider.v1.Portgroup;

                /**
                 * Encodes the specified Portgroup message. Does not implicitly {@link ironic.network_provider.v1.Portgroup.verify|verify} messages.
                 * @param message Portgroup message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.Portgroup.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Portgroup message, length delimited. Does not implicitly {@link ironic.network_provider.v1.Portgroup.verify|verify} messages.
                 * @param message Portgroup message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.Portgroup.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Portgroup message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.Portgroup & ironic.network_provider.v1.Portgroup.$Shape} Portgroup
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.Portgroup & ironic.network_provider.v1.Portgroup.$Shape;

                /**
                 * Decodes a Portgroup message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.Portgroup & ironic.network_provider.v1.Portgroup.$Shape} Portgroup
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.Portgroup & ironic.network_provider.v1.Portgroup.$Shape;

                /**
                 * Verifies a Portgroup message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Portgroup message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Portgroup
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.Portgroup;

                /**
                 * Creates a plain object from a Portgroup message. Also converts values to other types if specified.
                 * @param message Portgroup
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.Portgroup, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Portgroup to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Portgroup
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Portgroup {

                /** Properties of a Portgroup. */
                interface $Properties {

                    /** Portgroup uuid */
                    uuid?: string;

                    /** Portgroup name */
                    name?: (string|null);

                    /** Portgroup address */
                    address?: (string|null);

                    /** Portgroup mode */
                    mode?: (string|null);

                    /** Portgroup properties */
                    properties?: google.protobuf.Struct.$Properties;

                    /** Portgroup standalone_ports_supported */
                    standalone_ports_supported?: (boolean|null);

                    /** Portgroup physical_network */
                    physical_network?: (string|null);

                    /** Portgroup internal_info */
                    internal_info?: google.protobuf.Struct.$Properties;

                    /** Portgroup extra */
                    extra?: google.protobuf.Struct.$Properties;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Portgroup. */
                type $Shape = {
                  uuid?: string;
                  name?: string|null;
                  address?: string|null;
                  mode?: string|null;
                  properties?: google.protobuf.Struct.$Shape;
                  standalone_ports_supported?: boolean|null;
                  physical_network?: string|null;
                  internal_info?: google.protobuf.Struct.$Shape;
                  extra?: google.protobuf.Struct.$Shape;
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a Vif.
             * @deprecated Use ironic.network_provider.v1.Vif.$Properties instead.
             */
            interface IVif extends ironic.network_provider.v1.Vif.$Properties {
            }

            /** Represents a Vif. */
            class Vif {

                /** Reflection-backed declarations are not constructable. Use Vif.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Vif id. */
                id: string;

                /** Vif port_uuid. */
                port_uuid: (string|null);

                /** Vif portgroup_uuid. */
                portgroup_uuid: (string|null);

                /**
                 * Creates a new Vif instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Vif instance
                 */
                static create(properties: ironic.network_provider.v1.Vif.$Shape): ironic.network_provider.v1.Vif & ironic.network_provider.v1.Vif.$Shape;
                static create(properties?: ironic.network_provider.v1.Vif.$Properties): ironic.network_provider.v1.Vif;

                /**
                 * Encodes the specified Vif message. Does not implicitly {@link ironic.network_provider.v1.Vif.verify|verify} messages.
                 * @param message Vif message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.Vif.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Vif message, length delimited. Does not implicitly {@link ironic.network_provider.v1.Vif.verify|verify} messages.
                 * @param message Vif message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.Vif.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Vif message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.Vif & ironic.network_provider.v1.Vif.$Shape} Vif
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.Vif & ironic.network_provider.v1.Vif.$Shape;

                /**
                 * Decodes a Vif message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.Vif & ironic.network_provider.v1.Vif.$Shape} Vif
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.Vif & ironic.network_provider.v1.Vif.$Shape;

                /**
                 * Verifies a Vif message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Vif message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Vif
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.Vif;

                /**
                 * Creates a plain object from a Vif message. Also converts values to other types if specified.
                 * @param message Vif
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.Vif, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Vif to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Vif
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Vif {

                /** Properties of a Vif. */
                interface $Properties {

                    /** Vif id */
                    id?: string;

                    /** Vif port_uuid */
                    port_uuid?: (string|null);

                    /** Vif portgroup_uuid */
                    portgroup_uuid?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Vif. */
                type $Shape = ironic.network_provider.v1.Vif.$Properties;
            }

            /**
             * Properties of a VifInfo.
             * @deprecated Use ironic.network_provider.v1.VifInfo.$Properties instead.
             */
            interface IVifInfo extends ironic.network_provider.v1.VifInfo.$Properties {
            }

            /** Represents a VifInfo. */
            class VifInfo {

                /** Reflection-backed declarations are not constructable. Use VifInfo.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** VifInfo id. */
                id: string;

                /** VifInfo port_uuid. */
                port_uuid: (string|null);

                /** VifInfo portgroup_uuid. */
                portgroup_uuid: (string|null);

                /** VifInfo project_id. */
                project_id: (string|null);

                /**
                 * Creates a new VifInfo instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns VifInfo instance
                 */
                static create(properties: ironic.network_provider.v1.VifInfo.$Shape): ironic.network_provider.v1.VifInfo & ironic.network_provider.v1.VifInfo.$Shape;
                static create(properties?: ironic.network_provider.v1.VifInfo.$Properties): ironic.network_provider.v1.VifInfo;

                /**
                 * Encodes the specified VifInfo message. Does not implicitly {@link ironic.network_provider.v1.VifInfo.verify|verify} messages.
                 * @param message VifInfo message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.VifInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified VifInfo message, length delimited. Does not implicitly {@link ironic.network_provider.v1.VifInfo.verify|verify} messages.
                 * @param message VifInfo message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.VifInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a VifInfo message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.VifInfo & ironic.network_provider.v1.VifInfo.$Shape} VifInfo
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.VifInfo & ironic.network_provider.v1.VifInfo.$Shape;

                /**
                 * Decodes a VifInfo message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.VifInfo & ironic.network_provider.v1.VifInfo.$Shape} VifInfo
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.VifInfo & ironic.network_provider.v1.VifInfo.$Shape;

                /**
                 * Verifies a VifInfo message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a VifInfo message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns VifInfo
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.VifInfo;

                /**
                 * Creates a plain object from a VifInfo message. Also converts values to other types if specified.
                 * @param message VifInfo
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.VifInfo, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this VifInfo to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for VifInfo
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace VifInfo {

                /** Properties of a VifInfo. */
                interface $Properties {

                    /** VifInfo id */
                    id?: string;

                    /** VifInfo port_uuid */
                    port_uuid?: (string|null);

                    /** VifInfo portgroup_uuid */
                    portgroup_uuid?: (string|null);

                    /** VifInfo project_id */
                    project_id?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a VifInfo. */
                type $Shape = ironic.network_provider.v1.VifInfo.$Properties;
            }

            /**
             * Properties of a DhcpOption.
             * @deprecated Use ironic.network_provider.v1.DhcpOption.$Properties instead.
             */
            interface IDhcpOption extends ironic.network_provider.v1.DhcpOption.$Properties {
            }

            /** Represents a DhcpOption. */
            class DhcpOption {

                /** Reflection-backed declarations are not constructable. Use DhcpOption.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** DhcpOption opt_name. */
                opt_name: string;

                /** DhcpOption opt_value. */
                opt_value: (string|null);

                /** DhcpOption ip_version. */
                ip_version: (number|null);

                /**
                 * Creates a new DhcpOption instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns DhcpOption instance
                 */
                static create(properties: ironic.network_provider.v1.DhcpOption.$Shape): ironic.network_provider.v1.DhcpOption & ironic.network_provider.v1.DhcpOption.$Shape;
                static create(properties?: ironic.network_provider.v1.DhcpOption.$Properties): ironic.network_provider.v1.DhcpOption;

                /**
                 * Encodes the specified DhcpOption message. Does not implicitly {@link ironic.network_provider.v1.DhcpOption.verify|verify} messages.
                 * @param message DhcpOption message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.DhcpOption.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified DhcpOption message, length delimited. Does not implicitly {@link ironic.network_provider.v1.DhcpOption.verify|verify} messages.
                 * @param message DhcpOption message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.DhcpOption.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a DhcpOption message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.DhcpOption & ironic.network_provider.v1.DhcpOption.$Shape} DhcpOption
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.DhcpOption & ironic.network_provider.v1.DhcpOption.$Shape;

                /**
                 * Decodes a DhcpOption message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.DhcpOption & ironic.network_provider.v1.DhcpOption.$Shape} DhcpOption
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.DhcpOption & ironic.network_provider.v1.DhcpOption.$Shape;

                /**
                 * Verifies a DhcpOption message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a DhcpOption message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns DhcpOption
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.DhcpOption;

                /**
                 * Creates a plain object from a DhcpOption message. Also converts values to other types if specified.
                 * @param message DhcpOption
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.DhcpOption, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this DhcpOption to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for DhcpOption
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace DhcpOption {

                /** Properties of a DhcpOption. */
                interface $Properties {

                    /** DhcpOption opt_name */
                    opt_name?: string;

                    /** DhcpOption opt_value */
                    opt_value?: (string|null);

                    /** DhcpOption ip_version */
                    ip_version?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a DhcpOption. */
                type $Shape = ironic.network_provider.v1.DhcpOption.$Properties;
            }

            /**
             * Properties of a PortBinding.
             * @deprecated Use ironic.network_provider.v1.PortBinding.$Properties instead.
             */
            interface IPortBinding extends ironic.network_provider.v1.PortBinding.$Properties {
            }

            /** Represents a PortBinding. */
            class PortBinding {

                /** Reflection-backed declarations are not constructable. Use PortBinding.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** PortBinding port_uuid. */
                port_uuid: (string|null);

                /** PortBinding portgroup_uuid. */
                portgroup_uuid: (string|null);

                /** PortBinding neutron_port_id. */
                neutron_port_id: string;

                /** PortBinding network_id. */
                network_id: string;

                /** PortBinding host_id. */
                host_id: string;

                /** PortBinding vnic_type. */
                vnic_type: string;

                /** PortBinding vif_type. */
                vif_type: string;

                /** PortBinding status. */
                status: string;

                /** PortBinding mac_address. */
                mac_address: string;

                /** PortBinding fixed_ips. */
                fixed_ips: ironic.network_provider.v1.FixedIp[];

                /** PortBinding profile. */
                profile: google.protobuf.Struct;

                /**
                 * Creates a new PortBinding instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns PortBinding instance
                 */
                static create(properties: ironic.network_provider.v1.PortBinding.$Shape): ironic.network_provider.v1.PortBinding & ironic.network_provider.v1.PortBinding.$Shape;
                static create(properties?: ironic.network_provider.v1.PortBinding.$Properties): ironic.network_provider.v1.PortBinding;

                /**
                 * Encodes the specified PortBinding message. Does not implicitly {@link ironic.network_provider.v1.PortBinding.verify|verify} messages.
                 * @param message PortBinding message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.PortBinding.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified PortBinding message, length delimited. Does not implicitly {@link ironic.network_provider.v1.PortBinding.verify|verify} messages.
                 * @param message PortBinding message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.PortBinding.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a PortBinding message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.PortBinding & ironic.network_provider.v1.PortBinding.$Shape} PortBinding
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.PortBinding & ironic.network_provider.v1.PortBinding.$Shape;

                /**
                 * Decodes a PortBinding message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.PortBinding & ironic.network_provider.v1.PortBinding.$Shape} PortBinding
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.PortBinding & ironic.network_provider.v1.PortBinding.$Shape;

                /**
                 * Verifies a PortBinding message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a PortBinding message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns PortBinding
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.PortBinding;

                /**
                 * Creates a plain object from a PortBinding message. Also converts values to other types if specified.
                 * @param message PortBinding
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.PortBinding, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this PortBinding to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for PortBinding
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace PortBinding {

                /** Properties of a PortBinding. */
                interface $Properties {

                    /** PortBinding port_uuid */
                    port_uuid?: (string|null);

                    /** PortBinding portgroup_uuid */
                    portgroup_uuid?: (string|null);

                    /** PortBinding neutron_port_id */
                    neutron_port_id?: string;

                    /** PortBinding network_id */
                    network_id?: string;

                    /** PortBinding host_id */
                    host_id?: string;

                    /** PortBinding vnic_type */
                    vnic_type?: string;

                    /** PortBinding vif_type */
                    vif_type?: string;

                    /** PortBinding status */
                    status?: string;

                    /** PortBinding mac_address */
                    mac_address?: string;

                    /** PortBinding fixed_ips */
                    fixed_ips?: ironic.network_provider.v1.FixedIp.$Properties[];

                    /** PortBinding profile */
                    profile?: google.protobuf.Struct.$Properties;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a PortBinding. */
                type $Shape = {
                  port_uuid?: string|null;
                  portgroup_uuid?: string|null;
                  neutron_port_id?: string;
                  network_id?: string;
                  host_id?: string;
                  vnic_type?: string;
                  vif_type?: string;
                  status?: string;
                  mac_address?: string;
                  fixed_ips?: ironic.network_provider.v1.FixedIp.$Shape[];
                  profile?: google.protobuf.Struct.$Shape;
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a FixedIp.
             * @deprecated Use ironic.network_provider.v1.FixedIp.$Properties instead.
             */
            interface IFixedIp extends ironic.network_provider.v1.FixedIp.$Properties {
            }

            /** Represents a FixedIp. */
            class FixedIp {

                /** Reflection-backed declarations are not constructable. Use FixedIp.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** FixedIp subnet_id. */
                subnet_id: string;

                /** FixedIp ip_address. */
                ip_address: string;

                /**
                 * Creates a new FixedIp instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns FixedIp instance
                 */
                static create(properties: ironic.network_provider.v1.FixedIp.$Shape): ironic.network_provider.v1.FixedIp & ironic.network_provider.v1.FixedIp.$Shape;
                static create(properties?: ironic.network_provider.v1.FixedIp.$Properties): ironic.network_provider.v1.FixedIp;

                /**
                 * Encodes the specified FixedIp message. Does not implicitly {@link ironic.network_provider.v1.FixedIp.verify|verify} messages.
                 * @param message FixedIp message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.FixedIp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified FixedIp message, length delimited. Does not implicitly {@link ironic.network_provider.v1.FixedIp.verify|verify} messages.
                 * @param message FixedIp message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.FixedIp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a FixedIp message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.FixedIp & ironic.network_provider.v1.FixedIp.$Shape} FixedIp
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.FixedIp & ironic.network_provider.v1.FixedIp.$Shape;

                /**
                 * Decodes a FixedIp message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.FixedIp & ironic.network_provider.v1.FixedIp.$Shape} FixedIp
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.FixedIp & ironic.network_provider.v1.FixedIp.$Shape;

                /**
                 * Verifies a FixedIp message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a FixedIp message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns FixedIp
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.FixedIp;

                /**
                 * Creates a plain object from a FixedIp message. Also converts values to other types if specified.
                 * @param message FixedIp
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.FixedIp, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this FixedIp to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for FixedIp
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace FixedIp {

                /** Properties of a FixedIp. */
                interface $Properties {

                    /** FixedIp subnet_id */
                    subnet_id?: string;

                    /** FixedIp ip_address */
                    ip_address?: string;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a FixedIp. */
                type $Shape = ironic.network_provider.v1.FixedIp.$Properties;
            }

            /**
             * Properties of a BindingFailure.
             * @deprecated Use ironic.network_provider.v1.BindingFailure.$Properties instead.
             */
            interface IBindingFailure extends ironic.network_provider.v1.BindingFailure.$Properties {
            }

            /** Represents a BindingFailure. */
            class BindingFailure {

                /** Reflection-backed declarations are not constructable. Use BindingFailure.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** BindingFailure port_uuid. */
                port_uuid: (string|null);

                /** BindingFailure portgroup_uuid. */
                portgroup_uuid: (string|null);

                /** BindingFailure reason. */
                reason: string;

                /** BindingFailure kind. */
                kind: (string|null);

                /**
                 * Creates a new BindingFailure instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns BindingFailure instance
                 */
                static create(properties: ironic.network_provider.v1.BindingFailure.$Shape): ironic.network_provider.v1.BindingFailure & ironic.network_provider.v1.BindingFailure.$Shape;
                static create(properties?: ironic.network_provider.v1.BindingFailure.$Properties): ironic.network_provider.v1.BindingFailure;

                /**
                 * Encodes the specified BindingFailure message. Does not implicitly {@link ironic.network_provider.v1.BindingFailure.verify|verify} messages.
                 * @param message BindingFailure message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.BindingFailure.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified BindingFailure message, length delimited. Does not implicitly {@link ironic.network_provider.v1.BindingFailure.verify|verify} messages.
                 * @param message BindingFailure message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.BindingFailure.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a BindingFailure message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.BindingFailure & ironic.network_provider.v1.BindingFailure.$Shape} BindingFailure
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.BindingFailure & ironic.network_provider.v1.BindingFailure.$Shape;

                /**
                 * Decodes a BindingFailure message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.BindingFailure & ironic.network_provider.v1.BindingFailure.$Shape} BindingFailure
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.BindingFailure & ironic.network_provider.v1.BindingFailure.$Shape;

                /**
                 * Verifies a BindingFailure message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a BindingFailure message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns BindingFailure
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.BindingFailure;

                /**
                 * Creates a plain object from a BindingFailure message. Also converts values to other types if specified.
                 * @param message BindingFailure
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.BindingFailure, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this BindingFailure to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for BindingFailure
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace BindingFailure {

                /** Properties of a BindingFailure. */
                interface $Properties {

                    /** BindingFailure port_uuid */
                    port_uuid?: (string|null);

                    /** BindingFailure portgroup_uuid */
                    portgroup_uuid?: (string|null);

                    /** BindingFailure reason */
                    reason?: string;

                    /** BindingFailure kind */
                    kind?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a BindingFailure. */
                type $Shape = ironic.network_provider.v1.BindingFailure.$Properties;
            }

            /**
             * Properties of a Finding.
             * @deprecated Use ironic.network_provider.v1.Finding.$Properties instead.
             */
            interface IFinding extends ironic.network_provider.v1.Finding.$Properties {
            }

            /** Represents a Finding. */
            class Finding {

                /** Reflection-backed declarations are not constructable. Use Finding.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Finding kind. */
                kind: string;

                /** Finding network_type. */
                network_type: (string|null);

                /** Finding neutron_port_id. */
                neutron_port_id: string;

                /** Finding port_uuid. */
                port_uuid: (string|null);

                /** Finding portgroup_uuid. */
                portgroup_uuid: (string|null);

                /** Finding reason. */
                reason: string;

                /** Finding repaired. */
                repaired: boolean;

                /**
                 * Creates a new Finding instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Finding instance
                 */
                static create(properties: ironic.network_provider.v1.Finding.$Shape): ironic.network_provider.v1.Finding & ironic.network_provider.v1.Finding.$Shape;
                static create(properties?: ironic.network_provider.v1.Finding.$Properties): ironic.network_provider.v1.Finding;

                /**
                 * Encodes the specified Finding message. Does not implicitly {@link ironic.network_provider.v1.Finding.verify|verify} messages.
                 * @param message Finding message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.Finding.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Finding message, length delimited. Does not implicitly {@link ironic.network_provider.v1.Finding.verify|verify} messages.
                 * @param message Finding message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.Finding.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Finding message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.Finding & ironic.network_provider.v1.Finding.$Shape} Finding
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.Finding & ironic.network_provider.v1.Finding.$Shape;

                /**
                 * Decodes a Finding message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.Finding & ironic.network_provider.v1.Finding.$Shape} Finding
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.Finding & ironic.network_provider.v1.Finding.$Shape;

                /**
                 * Verifies a Finding message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Finding message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Finding
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.Finding;

                /**
                 * Creates a plain object from a Finding message. Also converts values to other types if specified.
                 * @param message Finding
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.Finding, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Finding to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Finding
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Finding {

                /** Properties of a Finding. */
                interface $Properties {

                    /** Finding kind */
                    kind?: string;

                    /** Finding network_type */
                    network_type?: (string|null);

                    /** Finding neutron_port_id */
                    neutron_port_id?: string;

                    /** Finding port_uuid */
                    port_uuid?: (string|null);

                    /** Finding portgroup_uuid */
                    portgroup_uuid?: (string|null);

                    /** Finding reason */
                    reason?: string;

                    /** Finding repaired */
                    repaired?: boolean;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Finding. */
                type $Shape = ironic.network_provider.v1.Finding.$Properties;
            }

            /**
             * Properties of an Error.
             * @deprecated Use ironic.network_provider.v1.Error.$Properties instead.
             */
            interface IError extends ironic.network_provider.v1.Error.$Properties {
            }

            /** Represents an Error. */
            class Error {

                /** Reflection-backed declarations are not constructable. Use Error.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Error class. */
                class: string;

                /** Error module. */
                module: string;

                /** Error message. */
                message: string;

                /**
                 * Creates a new Error instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Error instance
                 */
                static create(properties: ironic.network_provider.v1.Error.$Shape): ironic.network_provider.v1.Error & ironic.network_provider.v1.Error.$Shape;
                static create(properties?: ironic.network_provider.v1.Error.$Properties): ironic.network_provider.v1.Error;

                /**
                 * Encodes the specified Error message. Does not implicitly {@link ironic.network_provider.v1.Error.verify|verify} messages.
                 * @param message Error message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.Error.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Error message, length delimited. Does not implicitly {@link ironic.network_provider.v1.Error.verify|verify} messages.
                 * @param message Error message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.Error.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Error message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.Error & ironic.network_provider.v1.Error.$Shape} Error
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.Error & ironic.network_provider.v1.Error.$Shape;

                /**
                 * Decodes an Error message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.Error & ironic.network_provider.v1.Error.$Shape} Error
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.Error & ironic.network_provider.v1.Error.$Shape;

                /**
                 * Verifies an Error message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an Error message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Error
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.Error;

                /**
                 * Creates a plain object from an Error message. Also converts values to other types if specified.
                 * @param message Error
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.Error, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Error to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Error
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Error {

                /** Properties of an Error. */
                interface $Properties {

                    /** Error class */
                    "class"?: string;

                    /** Error module */
                    module?: string;

                    /** Error message */
                    message?: string;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Error. */
                type $Shape = ironic.network_provider.v1.Error.$Properties;
            }

            /**
             * Properties of an OperationResult.
             * @deprecated Use ironic.network_provider.v1.OperationResult.$Properties instead.
             */
            interface IOperationResult extends ironic.network_provider.v1.OperationResult.$Properties {
            }

            /** Represents an OperationResult. */
            class OperationResult {

                /** Reflection-backed declarations are not constructable. Use OperationResult.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** OperationResult operation_id. */
                operation_id: string;

                /** OperationResult node_uuid. */
                node_uuid: string;

                /** OperationResult method. */
                method: string;

                /** OperationResult network_provider. */
                network_provider: string;

                /** OperationResult network_type. */
                network_type: (string|null);

                /** OperationResult status. */
                status: string;

                /** OperationResult bindings. */
                bindings: ironic.network_provider.v1.PortBinding[];

                /** OperationResult failures. */
                failures: ironic.network_provider.v1.BindingFailure[];

                /** OperationResult error. */
                error: (ironic.network_provider.v1.Error|null);

                /** OperationResult warnings. */
                warnings: ironic.network_provider.v1.BindingFailure[];

                /** OperationResult vifs. */
                vifs: ironic.network_provider.v1.Vif[];

                /** OperationResult current_vif. */
                current_vif: (string|null);

                /** OperationResult need_power_on. */
                need_power_on: (boolean|null);

                /** OperationResult network_data. */
                network_data: google.protobuf.Struct;

                /** OperationResult findings. */
                findings: ironic.network_provider.v1.Finding[];

                /**
                 * Creates a new OperationResult instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns OperationResult instance
                 */
                static create(properties: ironic.network_provider.v1.OperationResult.$Shape): ironic.network_provider.v1.OperationResult & ironic.network_provider.v1.OperationResult.$Shape;
                static create(properties?: ironic.network_provider.v1.OperationResult.$Properties): ironic.network_provider.v1.OperationResult;

                /**
                 * Encodes the specified OperationResult message. Does not implicitly {@link ironic.network_provider.v1.OperationResult.verify|verify} messages.
                 * @param message OperationResult message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.OperationResult.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified OperationResult message, length delimited. Does not implicitly {@link ironic.network_provider.v1.OperationResult.verify|verify} messages.
                 * @param message OperationResult message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.OperationResult.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an OperationResult message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.OperationResult & ironic.network_provider.v1.OperationResult.$Shape} OperationResult
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.OperationResult & ironic.network_provider.v1.OperationResult.$Shape;

                /**
                 * Decodes an OperationResult message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.OperationResult & ironic.network_provider.v1.OperationResult.$Shape} OperationResult
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.OperationResult & ironic.network_provider.v1.OperationResult.$Shape;

                /**
                 * Verifies an OperationResult message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an OperationResult message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns OperationResult
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.OperationResult;

                /**
                 * Creates a plain object from an OperationResult message. Also converts values to other types if specified.
                 * @param message OperationResult
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.OperationResult, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this OperationResult to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for OperationResult
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace OperationResult {

                /** Properties of an OperationResult. */
                interface $Properties {

                    /** OperationResult operation_id */
                    operation_id?: string;

                    /** OperationResult node_uuid */
                    node_uuid?: string;

                    /** OperationResult method */
                    method?: string;

                    /** OperationResult network_provider */
                    network_provider?: string;

                    /** OperationResult network_type */
                    network_type?: (string|null);

                    /** OperationResult status */
                    status?: string;

                    /** OperationResult bindings */
                    bindings?: ironic.network_provider.v1.PortBinding.$Properties[];

                    /** OperationResult failures */
                    failures?: ironic.network_provider.v1.BindingFailure.$Properties[];

                    /** OperationResult error */
                    error?: (ironic.network_provider.v1.Error.$Properties|null);

                    /** OperationResult warnings */
                    warnings?: ironic.network_provider.v1.BindingFailure.$Properties[];

                    /** OperationResult vifs */
                    vifs?: ironic.network_provider.v1.Vif.$Properties[];

                    /** OperationResult current_vif */
                    current_vif?: (string|null);

                    /** OperationResult need_power_on */
                    need_power_on?: (boolean|null);

                    /** OperationResult network_data */
                    network_data?: google.protobuf.Struct.$Properties;

                    /** OperationResult findings */
                    findings?: ironic.network_provider.v1.Finding.$Properties[];

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an OperationResult. */
                type $Shape = {
                  operation_id?: string;
                  node_uuid?: string;
                  method?: string;
                  network_provider?: string;
                  network_type?: string|null;
                  status?: string;
                  bindings?: ironic.network_provider.v1.PortBinding.$Shape[];
                  failures?: ironic.network_provider.v1.BindingFailure.$Shape[];
                  error?: ironic.network_provider.v1.Error.$Shape|null;
                  warnings?: ironic.network_provider.v1.BindingFailure.$Shape[];
                  vifs?: ironic.network_provider.v1.Vif.$Shape[];
                  current_vif?: string|null;
                  need_power_on?: boolean|null;
                  network_data?: google.protobuf.Struct.$Shape;
                  findings?: ironic.network_provider.v1.Finding.$Shape[];
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a RpcContext.
             * @deprecated Use ironic.network_provider.v1.RpcContext.$Properties instead.
             */
            interface IRpcContext extends ironic.network_provider.v1.RpcContext.$Properties {
            }

            /** Represents a RpcContext. */
            class RpcContext {

                /** Reflection-backed declarations are not constructable. Use RpcContext.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** RpcContext request_id. */
                request_id: (string|null);

                /** RpcContext global_request_id. */
                global_request_id: (string|null);

                /**
                 * Creates a new RpcContext instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RpcContext instance
                 */
                static create(properties: ironic.network_provider.v1.RpcContext.$Shape): ironic.network_provider.v1.RpcContext & ironic.network_provider.v1.RpcContext.$Shape;
                static create(properties?: ironic.network_provider.v1.RpcContext.$Properties): ironic.network_provider.v1.RpcContext;

                /**
                 * Encodes the specified RpcContext message. Does not implicitly {@link ironic.network_provider.v1.RpcContext.verify|verify} messages.
                 * @param message RpcContext message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.RpcContext.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified RpcContext message, length delimited. Does not implicitly {@link ironic.network_provider.v1.RpcContext.verify|verify} messages.
                 * @param message RpcContext message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.RpcContext.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RpcContext message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.RpcContext & ironic.network_provider.v1.RpcContext.$Shape} RpcContext
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.RpcContext & ironic.network_provider.v1.RpcContext.$Shape;

                /**
                 * Decodes a RpcContext message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.RpcContext & ironic.network_provider.v1.RpcContext.$Shape} RpcContext
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.RpcContext & ironic.network_provider.v1.RpcContext.$Shape;

                /**
                 * Verifies a RpcContext message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a RpcContext message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns RpcContext
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.RpcContext;

                /**
                 * Creates a plain object from a RpcContext message. Also converts values to other types if specified.
                 * @param message RpcContext
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.RpcContext, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this RpcContext to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for RpcContext
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace RpcContext {

                /** Properties of a RpcContext. */
                interface $Properties {

                    /** RpcContext request_id */
                    request_id?: (string|null);

                    /** RpcContext global_request_id */
                    global_request_id?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RpcContext. */
                type $Shape = ironic.network_provider.v1.RpcContext.$Properties;
            }

            /**
             * Properties of a RpcRequest.
             * @deprecated Use ironic.network_provider.v1.RpcRequest.$Properties instead.
             */
            interface IRpcRequest extends ironic.network_provider.v1.RpcRequest.$Properties {
            }

            /** Represents a RpcRequest. */
            class RpcRequest {

                /** Reflection-backed declarations are not constructable. Use RpcRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** RpcRequest method. */
                method: string;

                /** RpcRequest version. */
                version: string;

                /** RpcRequest namespace. */
                namespace: (string|null);

                /** RpcRequest unique_id. */
                unique_id: string;

                /** RpcRequest msg_id. */
                msg_id: (string|null);

                /** RpcRequest reply_q. */
                reply_q: (string|null);

                /** RpcRequest timeout. */
                timeout: (number|null);

                /** RpcRequest context. */
                context: ironic.network_provider.v1.RpcContext;

                /** RpcRequest args. */
                args: ironic.network_provider.v1.Arguments;

                /**
                 * Creates a new RpcRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RpcRequest instance
                 */
                static create(properties: ironic.network_provider.v1.RpcRequest.$Shape): ironic.network_provider.v1.RpcRequest & ironic.network_provider.v1.RpcRequest.$Shape;
                static create(properties?: ironic.network_provider.v1.RpcRequest.$Properties): ironic.network_provider.v1.RpcRequest;

                /**
                 * Encodes the specified RpcRequest message. Does not implicitly {@link ironic.network_provider.v1.RpcRequest.verify|verify} messages.
                 * @param message RpcRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.RpcRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified RpcRequest message, length delimited. Does not implicitly {@link ironic.network_provider.v1.RpcRequest.verify|verify} messages.
                 * @param message RpcRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.RpcRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RpcRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.RpcRequest & ironic.network_provider.v1.RpcRequest.$Shape} RpcRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.RpcRequest & ironic.network_provider.v1.RpcRequest.$Shape;

                /**
                 * Decodes a RpcRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.RpcRequest & ironic.network_provider.v1.RpcRequest.$Shape} RpcRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.RpcRequest & ironic.network_provider.v1.RpcRequest.$Shape;

                /**
                 * Verifies a RpcRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a RpcRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns RpcRequest
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.RpcRequest;

                /**
                 * Creates a plain object from a RpcRequest message. Also converts values to other types if specified.
                 * @param message RpcRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.RpcRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this RpcRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for RpcRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace RpcRequest {

                /** Properties of a RpcRequest. */
                interface $Properties {

                    /** RpcRequest method */
                    method?: string;

                    /** RpcRequest version */
                    version?: string;

                    /** RpcRequest namespace */
                    namespace?: (string|null);

                    /** RpcRequest unique_id */
                    unique_id?: string;

                    /** RpcRequest msg_id */
                    msg_id?: (string|null);

                    /** RpcRequest reply_q */
                    reply_q?: (string|null);

                    /** RpcRequest timeout */
                    timeout?: (number|null);

                    /** RpcRequest context */
                    context?: ironic.network_provider.v1.RpcContext.$Properties;

                    /** RpcRequest args */
                    args?: ironic.network_provider.v1.Arguments.$Properties;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RpcRequest. */
                type $Shape = {
                  method?: string;
                  version?: string;
                  namespace?: string|null;
                  unique_id?: string;
                  msg_id?: string|null;
                  reply_q?: string|null;
                  timeout?: number|null;
                  context?: ironic.network_provider.v1.RpcContext.$Shape;
                  args?: ironic.network_provider.v1.Arguments.$Shape;
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of an Arguments.
             * @deprecated Use ironic.network_provider.v1.Arguments.$Properties instead.
             */
            interface IArguments extends ironic.network_provider.v1.Arguments.$Properties {
            }

            /** Represents an Arguments. */
            class Arguments {

                /** Reflection-backed declarations are not constructable. Use Arguments.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Arguments task. */
                task: ironic.network_provider.v1.Task;

                /** Arguments node_id. */
                node_id: (string|null);

                /** Arguments result. */
                result: ironic.network_provider.v1.OperationResult;

                /** Arguments network_type. */
                network_type: (string|null);

                /** Arguments vif_info. */
                vif_info: ironic.network_provider.v1.VifInfo;

                /** Arguments vif_id. */
                vif_id: (string|null);

                /** Arguments port_uuid. */
                port_uuid: (string|null);

                /** Arguments portgroup_uuid. */
                portgroup_uuid: (string|null);

                /** Arguments port_obj. */
                port_obj: ironic.network_provider.v1.Port;

                /** Arguments portgroup_obj. */
                portgroup_obj: ironic.network_provider.v1.Portgroup;

                /** Arguments options. */
                options: ironic.network_provider.v1.DhcpOption[];

                /** Arguments fix. */
                fix: (boolean|null);

                /** Arguments request_id. */
                request_id: (string|null);

                /**
                 * Creates a new Arguments instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Arguments instance
                 */
                static create(properties: ironic.network_provider.v1.Arguments.$Shape): ironic.network_provider.v1.Arguments & ironic.network_provider.v1.Arguments.$Shape;
                static create(properties?: ironic.network_provider.v1.Arguments.$Properties): ironic.network_provider.v1.Arguments;

                /**
                 * Encodes the specified Arguments message. Does not implicitly {@link ironic.network_provider.v1.Arguments.verify|verify} messages.
                 * @param message Arguments message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.Arguments.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Arguments message, length delimited. Does not implicitly {@link ironic.network_provider.v1.Arguments.verify|verify} messages.
                 * @param message Arguments message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.Arguments.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Arguments message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.Arguments & ironic.network_provider.v1.Arguments.$Shape} Arguments
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.Arguments & ironic.network_provider.v1.Arguments.$Shape;

                /**
                 * Decodes an Arguments message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.Arguments & ironic.network_provider.v1.Arguments.$Shape} Arguments
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.Arguments & ironic.network_provider.v1.Arguments.$Shape;

                /**
                 * Verifies an Arguments message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an Arguments message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Arguments
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.Arguments;

                /**
                 * Creates a plain object from an Arguments message. Also converts values to other types if specified.
                 * @param message Arguments
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.Arguments, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Arguments to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Arguments
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Arguments {

                /** Properties of an Arguments. */
                interface $Properties {

                    /** Arguments task */
                    task?: ironic.network_provider.v1.Task.$Properties;

                    /** Arguments node_id */
                    node_id?: (string|null);

                    /** Arguments result */
                    result?: ironic.network_provider.v1.OperationResult.$Properties;

                    /** Arguments network_type */
                    network_type?: (string|null);

                    /** Arguments vif_info */
                    vif_info?: ironic.network_provider.v1.VifInfo.$Properties;

                    /** Arguments vif_id */
                    vif_id?: (string|null);

                    /** Arguments port_uuid */
                    port_uuid?: (string|null);

                    /** Arguments portgroup_uuid */
                    portgroup_uuid?: (string|null);

                    /** Arguments port_obj */
                    port_obj?: ironic.network_provider.v1.Port.$Properties;

                    /** Arguments portgroup_obj */
                    portgroup_obj?: ironic.network_provider.v1.Portgroup.$Properties;

                    /** Arguments options */
                    options?: ironic.network_provider.v1.DhcpOption.$Properties[];

                    /** Arguments fix */
                    fix?: (boolean|null);

                    /** Arguments request_id */
                    request_id?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Arguments. */
                type $Shape = {
                  task?: ironic.network_provider.v1.Task.$Shape;
                  node_id?: string|null;
                  result?: ironic.network_provider.v1.OperationResult.$Shape;
                  network_type?: string|null;
                  vif_info?: ironic.network_provider.v1.VifInfo.$Shape;
                  vif_id?: string|null;
                  port_uuid?: string|null;
                  portgroup_uuid?: string|null;
                  port_obj?: ironic.network_provider.v1.Port.$Shape;
                  portgroup_obj?: ironic.network_provider.v1.Portgroup.$Shape;
                  options?: ironic.network_provider.v1.DhcpOption.$Shape[];
                  fix?: boolean|null;
                  request_id?: string|null;
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a RpcReply.
             * @deprecated Use ironic.network_provider.v1.RpcReply.$Properties instead.
             */
            interface IRpcReply extends ironic.network_provider.v1.RpcReply.$Properties {
            }

            /** Represents a RpcReply. */
            class RpcReply {

                /** Reflection-backed declarations are not constructable. Use RpcReply.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** RpcReply result. */
                result: ironic.network_provider.v1.OperationResult;

                /** RpcReply failure. */
                failure: (string|null);

                /** RpcReply ending. */
                ending: boolean;

                /** RpcReply msg_id. */
                msg_id: string;

                /** RpcReply unique_id. */
                unique_id: string;

                /** RpcReply pong. */
                pong: (string|null);

                /**
                 * Creates a new RpcReply instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RpcReply instance
                 */
                static create(properties: ironic.network_provider.v1.RpcReply.$Shape): ironic.network_provider.v1.RpcReply & ironic.network_provider.v1.RpcReply.$Shape;
                static create(properties?: ironic.network_provider.v1.RpcReply.$Properties): ironic.network_provider.v1.RpcReply;

                /**
                 * Encodes the specified RpcReply message. Does not implicitly {@link ironic.network_provider.v1.RpcReply.verify|verify} messages.
                 * @param message RpcReply message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: ironic.network_provider.v1.RpcReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified RpcReply message, length delimited. Does not implicitly {@link ironic.network_provider.v1.RpcReply.verify|verify} messages.
                 * @param message RpcReply message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: ironic.network_provider.v1.RpcReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RpcReply message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {ironic.network_provider.v1.RpcReply & ironic.network_provider.v1.RpcReply.$Shape} RpcReply
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ironic.network_provider.v1.RpcReply & ironic.network_provider.v1.RpcReply.$Shape;

                /**
                 * Decodes a RpcReply message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {ironic.network_provider.v1.RpcReply & ironic.network_provider.v1.RpcReply.$Shape} RpcReply
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): ironic.network_provider.v1.RpcReply & ironic.network_provider.v1.RpcReply.$Shape;

                /**
                 * Verifies a RpcReply message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a RpcReply message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns RpcReply
                 */
                static fromObject(object: { [k: string]: any }): ironic.network_provider.v1.RpcReply;

                /**
                 * Creates a plain object from a RpcReply message. Also converts values to other types if specified.
                 * @param message RpcReply
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: ironic.network_provider.v1.RpcReply, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this RpcReply to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for RpcReply
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace RpcReply {

                /** Properties of a RpcReply. */
                interface $Properties {

                    /** RpcReply result */
                    result?: ironic.network_provider.v1.OperationResult.$Properties;

                    /** RpcReply failure */
                    failure?: (string|null);

                    /** RpcReply ending */
                    ending?: boolean;

                    /** RpcReply msg_id */
                    msg_id?: string;

                    /** RpcReply unique_id */
                    unique_id?: string;

                    /** RpcReply pong */
                    pong?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RpcReply. */
                type $Shape = {
                  result?: ironic.network_provider.v1.OperationResult.$Shape;
                  failure?: string|null;
                  ending?: boolean;
                  msg_id?: string;
                  unique_id?: string;
                  pong?: string|null;
                  $unknowns?: Uint8Array[];
                };
            }
        }
    }
}

/** Namespace google. */
export namespace google {

    /** Namespace protobuf. */
    namespace protobuf {

        /**
         * Properties of a Struct.
         * @deprecated Use google.protobuf.Struct.$Properties instead.
         */
        interface IStruct extends google.protobuf.Struct.$Properties {
        }

        /** Represents a Struct. */
        class Struct {

            /** Reflection-backed declarations are not constructable. Use Struct.create(...) instead. */
            private constructor();

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Struct fields. */
            fields: { [k: string]: google.protobuf.Value };

            /**
             * Creates a new Struct instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Struct instance
             */
            static create(properties: google.protobuf.Struct.$Shape): google.protobuf.Struct & google.protobuf.Struct.$Shape;
            static create(properties?: google.protobuf.Struct.$Properties): google.protobuf.Struct;

            /**
             * Encodes the specified Struct message. Does not implicitly {@link google.protobuf.Struct.verify|verify} messages.
             * @param message Struct message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.protobuf.Struct.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Encodes the specified Struct message, length delimited. Does not implicitly {@link google.protobuf.Struct.verify|verify} messages.
             * @param message Struct message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encodeDelimited(message: google.protobuf.Struct.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Struct message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.protobuf.Struct & google.protobuf.Struct.$Shape} Struct
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.protobuf.Struct & google.protobuf.Struct.$Shape;

            /**
             * Decodes a Struct message from the specified reader or buffer, length delimited.
             * @param reader Reader or buffer to decode from
             * @returns {google.protobuf.Struct & google.protobuf.Struct.$Shape} Struct
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): google.protobuf.Struct & google.protobuf.Struct.$Shape;

            /**
             * Verifies a Struct message.
             * @param message Plain object to verify
             * @returns `null` if valid, otherwise the reason why it is not
             */
            static verify(message: { [k: string]: any }): (string|null);

            /**
             * Creates a Struct message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns Struct
             */
            static fromObject(object: { [k: string]: any }): google.protobuf.Struct;

            /**
             * Creates a plain object from a Struct message. Also converts values to other types if specified.
             * @param message Struct
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: google.protobuf.Struct, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this Struct to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };

            /**
             * Gets the type url for Struct
             * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
             * @returns The type url
             */
            static getTypeUrl(prefix?: string): string;
        }

        namespace Struct {

            /** Properties of a Struct. */
            interface $Properties {

                /** Struct fields */
                fields?: { [k: string]: google.protobuf.Value.$Properties };

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Struct. */
            type $Shape = {
              fields?: { [k: string]: google.protobuf.Value.$Shape };
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a Value.
         * @deprecated Use google.protobuf.Value.$Properties instead.
         */
        interface IValue extends google.protobuf.Value.$Properties {
        }

        /** Represents a Value. */
        class Value {

            /** Reflection-backed declarations are not constructable. Use Value.create(...) instead. */
            private constructor();

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Value nullValue. */
            nullValue: (google.protobuf.NullValue|null);

            /** Value numberValue. */
            numberValue: (number|null);

            /** Value stringValue. */
            stringValue: (string|null);

            /** Value boolValue. */
            boolValue: (boolean|null);

            /** Value structValue. */
            structValue: (google.protobuf.Struct|null);

            /** Value listValue. */
            listValue: (google.protobuf.ListValue|null);

            /** Value kind. */
            kind?: ("nullValue"|"numberValue"|"stringValue"|"boolValue"|"structValue"|"listValue");

            /**
             * Creates a new Value instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Value instance
             */
            static create(properties: google.protobuf.Value.$Shape): google.protobuf.Value & google.protobuf.Value.$Shape;
            static create(properties?: google.protobuf.Value.$Properties): google.protobuf.Value;

            /**
             * Encodes the specified Value message. Does not implicitly {@link google.protobuf.Value.verify|verify} messages.
             * @param message Value message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.protobuf.Value.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Encodes the specified Value message, length delimited. Does not implicitly {@link google.protobuf.Value.verify|verify} messages.
             * @param message Value message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encodeDelimited(message: google.protobuf.Value.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Value message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.protobuf.Value & google.protobuf.Value.$Shape} Value
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.protobuf.Value & google.protobuf.Value.$Shape;

            /**
             * Decodes a Value message from the specified reader or buffer, length delimited.
             * @param reader Reader or buffer to decode from
             * @returns {google.protobuf.Value & google.protobuf.Value.$Shape} Value
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): google.protobuf.Value & google.protobuf.Value.$Shape;

            /**
             * Verifies a Value message.
             * @param message Plain object to verify
             * @returns `null` if valid, otherwise the reason why it is not
             */
            static verify(message: { [k: string]: any }): (string|null);

            /**
             * Creates a Value message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns Value
             */
            static fromObject(object: { [k: string]: any }): google.protobuf.Value;

            /**
             * Creates a plain object from a Value message. Also converts values to other types if specified.
             * @param message Value
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: google.protobuf.Value, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this Value to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };

            /**
             * Gets the type url for Value
             * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
             * @returns The type url
             */
            static getTypeUrl(prefix?: string): string;
        }

        namespace Value {

            /** Properties of a Value. */
            interface $Properties {

                /** Value nullValue */
                nullValue?: (google.protobuf.NullValue|null);

                /** Value numberValue */
                numberValue?: (number|null);

                /** Value stringValue */
                stringValue?: (string|null);

                /** Value boolValue */
                boolValue?: (boolean|null);

                /** Value structValue */
                structValue?: (google.protobuf.Struct.$Properties|null);

                /** Value listValue */
                listValue?: (google.protobuf.ListValue.$Properties|null);

                /** Value kind */
                kind?: ("nullValue"|"numberValue"|"stringValue"|"boolValue"|"structValue"|"listValue");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Value. */
            type $Shape = {
              nullValue?: google.protobuf.NullValue|null;
              numberValue?: number|null;
              stringValue?: string|null;
              boolValue?: boolean|null;
              structValue?: google.protobuf.Struct.$Shape|null;
              listValue?: google.protobuf.ListValue.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ kind?: undefined; nullValue?: null; numberValue?: null; stringValue?: null; boolValue?: null; structValue?: null; listValue?: null }|{ kind?: "nullValue"; nullValue: google.protobuf.NullValue; numberValue?: null; stringValue?: null; boolValue?: null; structValue?: null; listValue?: null }|{ kind?: "numberValue"; nullValue?: null; numberValue: number; stringValue?: null; boolValue?: null; structValue?: null; listValue?: null }|{ kind?: "stringValue"; nullValue?: null; numberValue?: null; stringValue: string; boolValue?: null; structValue?: null; listValue?: null }|{ kind?: "boolValue"; nullValue?: null; numberValue?: null; stringValue?: null; boolValue: boolean; structValue?: null; listValue?: null }|{ kind?: "structValue"; nullValue?: null; numberValue?: null; stringValue?: null; boolValue?: null; structValue: google.protobuf.Struct.$Shape; listValue?: null }|{ kind?: "listValue"; nullValue?: null; numberValue?: null; stringValue?: null; boolValue?: null; structValue?: null; listValue: google.protobuf.ListValue.$Shape })
            );
        }

        /** NullValue enum. */
        enum NullValue {

            /** NULL_VALUE value */
            NULL_VALUE = 0
        }

        /**
         * Properties of a ListValue.
         * @deprecated Use google.protobuf.ListValue.$Properties instead.
         */
        interface IListValue extends google.protobuf.ListValue.$Properties {
        }

        /** Represents a ListValue. */
        class ListValue {

            /** Reflection-backed declarations are not constructable. Use ListValue.create(...) instead. */
            private constructor();

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListValue values. */
            values: google.protobuf.Value[];

            /**
             * Creates a new ListValue instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ListValue instance
             */
            static create(properties: google.protobuf.ListValue.$Shape): google.protobuf.ListValue & google.protobuf.ListValue.$Shape;
            static create(properties?: google.protobuf.ListValue.$Properties): google.protobuf.ListValue;

            /**
             * Encodes the specified ListValue message. Does not implicitly {@link google.protobuf.ListValue.verify|verify} messages.
             * @param message ListValue message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: google.protobuf.ListValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Encodes the specified ListValue message, length delimited. Does not implicitly {@link google.protobuf.ListValue.verify|verify} messages.
             * @param message ListValue message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encodeDelimited(message: google.protobuf.ListValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListValue message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {google.protobuf.ListValue & google.protobuf.ListValue.$Shape} ListValue
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): google.protobuf.ListValue & google.protobuf.ListValue.$Shape;

            /**
             * Decodes a ListValue message from the specified reader or buffer, length delimited.
             * @param reader Reader or buffer to decode from
             * @returns {google.protobuf.ListValue & google.protobuf.ListValue.$Shape} ListValue
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): google.protobuf.ListValue & google.protobuf.ListValue.$Shape;

            /**
             * Verifies a ListValue message.
             * @param message Plain object to verify
             * @returns `null` if valid, otherwise the reason why it is not
             */
            static verify(message: { [k: string]: any }): (string|null);

            /**
             * Creates a ListValue message from a plain object. Also converts values to their respective internal types.
             * @param object Plain object
             * @returns ListValue
             */
            static fromObject(object: { [k: string]: any }): google.protobuf.ListValue;

            /**
             * Creates a plain object from a ListValue message. Also converts values to other types if specified.
             * @param message ListValue
             * @param [options] Conversion options
             * @returns Plain object
             */
            static toObject(message: google.protobuf.ListValue, options?: $protobuf.IConversionOptions): { [k: string]: any };

            /**
             * Converts this ListValue to JSON.
             * @returns JSON object
             */
            toJSON(): { [k: string]: any };

            /**
             * Gets the type url for ListValue
             * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
             * @returns The type url
             */
            static getTypeUrl(prefix?: string): string;
        }

        namespace ListValue {

            /** Properties of a ListValue. */
            interface $Properties {

                /** ListValue values */
                values?: google.protobuf.Value.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListValue. */
            type $Shape = {
              values?: google.protobuf.Value.$Shape[];
              $unknowns?: Uint8Array[];
            };
        }
    }
}
