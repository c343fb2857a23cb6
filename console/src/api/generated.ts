// Made by `script/docs` of the OpenAPI document.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Something that an operator had done through this API */
        Action: {
            /** @description How far it is */
            done: number;
            /** @description Why it failed; null: it did not fail */
            error: string | null;
            finished_at: string | null;
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "requeue" | "drop" | "replay" | "reconciliation";
            /** @description The project that the user acted for */
            project_id: string | null;
            /** @description What came of it; lists have no reports */
            report?: {
                [key: string]: unknown;
            } | null;
            /** @description What was asked for */
            request: {
                [key: string]: unknown;
            };
            request_id: string;
            /** Format: date-time */
            started_at: string;
            /**
             * @description lost: the API process that did it died
             * @enum {string}
             */
            status: "running" | "done" | "failed" | "lost";
            /** @description Of how much; null: not known yet */
            total: number | null;
            /** @description Who asked for it; null: nobody has to log in */
            user_id: string | null;
            user_name: string | null;
        };
        /** @description The newest actions of operators, newest first */
        ActionList: {
            actions: components["schemas"]["Action"][];
        };
        /** @description The error document of keystonemiddleware or ironic_lib */
        AuthenticationError: {
            error: {
                code: number;
                message: string;
                title?: string;
            };
        };
        /** @description A current port binding: an Ironic port or portgroup, and its Neutron port */
        Binding: {
            /** Format: date-time */
            bound_at: string;
            fixed_ips: {
                ip_address: string;
                subnet_id: string;
            }[];
            /** @description binding:host_id */
            host_id: string;
            /** @description Its position in lists */
            id: number;
            mac_address: string;
            /** Format: uuid */
            network_id: string;
            /** @description The network provider that made the binding; only this provider can remove it */
            network_provider: string;
            /** @enum {string} */
            network_type: "provisioning" | "cleaning" | "rescuing" | "inspection" | "servicing" | "tenant";
            /** Format: uuid */
            neutron_port_id: string;
            node_name: string | null;
            /** Format: uuid */
            node_uuid: string;
            /** @description The operation that made the binding; its record may be deleted by now */
            operation_id: string;
            /** @description The bound port; null: a portgroup is bound */
            port_uuid: string | null;
            /** @description The bound portgroup; null: a port is bound */
            portgroup_uuid: string | null;
            /** @description binding:profile */
            profile: {
                [key: string]: unknown;
            };
            /** @description Status of the Neutron port when the binding was made */
            status: string;
            /** @description binding:vif_type */
            vif_type: string;
            /** @description binding:vnic_type */
            vnic_type: string;
        };
        /** @description A dead letter */
        DeadLetter: {
            /** @description How often it was tried */
            attempts: number | null;
            /** @description Size of the body */
            bytes: number;
            content_type: string | null;
            /** @description How often it became one */
            deaths: number;
            /** @description The reason in a sentence */
            detail: string | null;
            /** @description When the message became a dead letter for the first time */
            first_time: string | null;
            /** @description Id of its operation; if that cannot be read, the SHA-256 of the body */
            id: string;
            /** @description When it became one for the last time */
            last_time: string | null;
            method: string | null;
            /** @description UUID of the node */
            node: string | null;
            operation_id: string | null;
            /** @description The queue that the message came from */
            queue: string | null;
            /** @description A stable word (see docs/errors.md) */
            reason: string | null;
        };
        /** @description A dead letter with its request */
        DeadLetterDetail: {
            /** @description How often it was tried */
            attempts: number | null;
            /** @description Size of the body */
            bytes: number;
            content_type: string | null;
            /** @description How often it became one */
            deaths: number;
            /** @description The reason in a sentence */
            detail: string | null;
            /** @description When the message became a dead letter for the first time */
            first_time: string | null;
            /** @description Id of its operation; if that cannot be read, the SHA-256 of the body */
            id: string;
            /** @description When it became one for the last time */
            last_time: string | null;
            method: string | null;
            /** @description UUID of the node */
            node: string | null;
            operation_id: string | null;
            /** @description Why the message is not a valid request; null: it is one */
            problem: string | null;
            /** @description The queue that the message came from */
            queue: string | null;
            /** @description A stable word (see docs/errors.md) */
            reason: string | null;
            /** @description The request without secrets; null: it cannot be read */
            request: {
                [key: string]: unknown;
            } | null;
        };
        /** @description The dead letters with this id: several if their bodies are equal */
        DeadLetterItems: {
            dead_letters: components["schemas"]["DeadLetterDetail"][];
        };
        /** @description Dead letters, oldest first */
        DeadLetterList: {
            dead_letters: components["schemas"]["DeadLetter"][];
            /** @description Whether there are others */
            more: boolean;
        };
        /** @description What became of dead letters */
        DeadLettersChanged: {
            /** @description Id of the record of this action; null for a dry run */
            action: string | null;
            /** @description The dead letters that were, or would be, changed */
            dead_letters: components["schemas"]["DeadLetter"][];
            /** @description Ids of those that were requeued or dropped */
            done: string[];
            dry_run: boolean;
            /** @description Those that stay, and why */
            stayed: {
                id: string;
                why: string;
            }[];
        };
        /** @description An empty list, by its name */
        EmptyList: {
            [key: string]: unknown[];
        };
        /** @description Ironic's error document */
        Error: {
            /**
             * @description JSON as a string: faultstring is the message, faultcode is Client or Server, debuginfo is null
             * @example {"faultcode":"Client","faultstring":"Node n1 could not be found.","debuginfo":null}
             */
            error_message: string;
        };
        /** @description What netprov doctor finds */
        Health: {
            /** Format: date-time */
            checked_at: string;
            counts: {
                ok: number;
                problem: number;
                warning: number;
            };
            findings: {
                /** @description Subject and check, such as broker.exchange */
                check: string;
                /** @description What to do about it; null: nothing */
                remedy: string | null;
                /** @enum {string} */
                status: "ok" | "warning" | "problem";
                /** @description What was found, in a sentence */
                what: string;
            }[];
        };
        /** @description Link to a resource */
        Link: {
            /** @description URL */
            href: string;
            /** @description self, or bookmark */
            rel: string;
        };
        /** @description A network that nodes are on */
        Network: {
            /** Format: uuid */
            id: string;
            /** @description Its name in Neutron; null: Neutron has no such network, or does not answer */
            name: string | null;
        };
        /** @description A page of a list */
        NetworkList: {
            networks: components["schemas"]["Network"][];
            /** @description URL of the next page, if there may be one */
            next?: string;
        };
        /** @description A node, from the last task of a conductor and later changes of operators */
        Node: {
            /** @description Ironic's boot interface */
            boot_interface?: string | null;
            /** @description The conductor host of its last operation; null: no operation yet, or one for any host */
            conductor?: string | null;
            /** @description Time at which the record was created */
            created_at?: string | null;
            /** @description A description by operators */
            description?: string | null;
            /** @description Ironic's driver; tasks do not set it */
            driver?: string | null;
            /** @description The part of Ironic's driver_info about networks */
            driver_info?: {
                [key: string]: unknown;
            };
            /** @description Operators' own data; tasks do not set it */
            extra?: {
                [key: string]: unknown;
            };
            /** @description The part of Ironic's instance_info about booting */
            instance_info?: {
                [key: string]: unknown;
            };
            /** @description UUID of the node's instance */
            instance_uuid?: string | null;
            /** @description Keystone's id of the project that leases the node; tasks do not set it */
            lessee?: string | null;
            /** @description Links to the resource */
            links: components["schemas"]["Link"][];
            /** @description Name of the node; it can replace the UUID in URLs */
            name?: string | null;
            /** @description The network data of its ramdisk; without it, netprov makes them from the ports */
            network_data?: {
                [key: string]: unknown;
            };
            /** @description The same as network_provider, with Ironic's names: noop is none */
            network_interface?: string | null;
            /** @description Its network provider: none, flat, neutron, or a plug-in; null: the default of the workers */
            network_provider?: string | null;
            /** @description Keystone's id of the project that owns the node; tasks do not set it */
            owner?: string | null;
            /** @description Links to its portgroups */
            portgroups?: components["schemas"]["Link"][];
            /** @description Links to its ports */
            ports?: components["schemas"]["Link"][];
            /** @description Operators' own data; tasks do not set it */
            properties?: {
                [key: string]: unknown;
            };
            /** @description Its provision state in Ironic, from the last task that had it */
            provision_state?: string | null;
            /** @description Its resource class, for schedulers; tasks do not set it */
            resource_class?: string | null;
            /** @description Time of the last change of the record */
            updated_at?: string | null;
            /**
             * Format: uuid
             * @description UUID of the node
             */
            uuid?: string;
        };
        /** @description What Neutron says now of a node */
        NodeInNeutron: {
            /** @description What differs from the record; netprov reconcile repairs it */
            findings: {
                /** @description Such as missing_port, wrong_host or stray_port (see docs/reconcile.md) */
                kind: string;
                network_type?: ("provisioning" | "cleaning" | "rescuing" | "inspection" | "servicing" | "tenant") | null;
                neutron_port_id: string;
                port_uuid?: string | null;
                portgroup_uuid?: string | null;
                /** @description The difference, in a sentence */
                reason: string;
                repaired: boolean;
            }[];
            /** @description Neutron ports that the record has, and Neutron does not */
            missing: string[];
            /** @description The networks of these ports */
            networks: {
                /** Format: uuid */
                id: string;
                name: string;
                /** @description provider:network_type, such as vlan */
                network_type: string | null;
                /** @description provider:physical_network */
                physical_network: string | null;
                /** @description provider:segmentation_id, such as the number of the VLAN */
                segmentation_id: number | null;
            }[];
            /** Format: uuid */
            node_uuid: string;
            /** @description The Neutron ports of the node: recorded ones, and others that name it */
            ports: {
                admin_state_up: boolean;
                device_id: string;
                device_owner: string;
                fixed_ips: {
                    ip_address: string;
                    subnet_id: string;
                }[];
                /** @description binding:host_id */
                host_id: string;
                /** Format: uuid */
                id: string;
                mac_address: string;
                name: string;
                /** Format: uuid */
                network_id: string;
                /** @description binding:profile */
                profile: {
                    [key: string]: unknown;
                };
                /** @description Whether the node's record has a binding to it */
                recorded: boolean;
                /** @description ACTIVE, DOWN, BUILD or ERROR */
                status: string;
                /** @description binding:vif_type */
                vif_type: string;
                /** @description binding:vnic_type */
                vnic_type: string;
            }[];
            /** Format: date-time */
            read_at: string;
        };
        /** @description A page of a list */
        NodeList: {
            /** @description URL of the next page, if there may be one */
            next?: string;
            nodes: components["schemas"]["Node"][];
        };
        /** @description The current network of a node */
        NodeNetwork: {
            bindings: components["schemas"]["Binding"][];
            /** @description The node's network provider; null: the default of the workers */
            network_provider: string | null;
            /** @description null: the node is on no network */
            network_type: ("provisioning" | "cleaning" | "rescuing" | "inspection" | "servicing" | "tenant") | null;
            /** Format: uuid */
            node_uuid: string;
            /** @description The operation that moved the node there */
            operation_id: string | null;
            /** @description Time of the last change of the network; null: unknown */
            since: string | null;
        };
        /** @description The known states of the node */
        NodeStates: {
            /** @description false */
            console_enabled: boolean;
            last_error: null;
            power_state: null;
            /** @description The value in Ironic, from the last task that had it */
            provision_state: string | null;
            provision_updated_at: null;
            target_power_state: null;
            target_provision_state: null;
        };
        /** @description Result of the validation for each Ironic interface of the node */
        NodeValidation: {
            [key: string]: {
                /** @description The reason if the result is false */
                reason?: string;
                /** @description null: unknown to netprov */
                result: boolean | null;
            };
        };
        /** @description The whole record of an operation */
        Operation: {
            /** @description Number of attempts; 0 while the operation waits for Neutron or another dependency of its provider */
            attempts: number;
            /** @description How often a worker began the operation and died or left it without an outcome */
            begun: number;
            /** @description The conductor host whose queue the request came from; null: the queue of any host */
            conductor_host: string | null;
            /** @description The encoding of the request; null: JSON */
            content_type: string | null;
            /** @description The epoch of its queue when the operation ended */
            epoch: number | null;
            finished_at: string | null;
            /** @description The _unique_id of its message */
            id: string;
            /** @enum {string} */
            kind: "call" | "cast";
            /** @description While the operation runs: the reason of the last retry; afterwards: the reason of the failure */
            last_error: string | null;
            /** @enum {string} */
            method: "add_provisioning_network" | "remove_provisioning_network" | "add_cleaning_network" | "remove_cleaning_network" | "configure_tenant_networks" | "unconfigure_tenant_networks" | "add_rescuing_network" | "remove_rescuing_network" | "add_inspection_network" | "remove_inspection_network" | "add_servicing_network" | "remove_servicing_network" | "vif_attach" | "vif_detach" | "port_changed" | "portgroup_changed" | "reattach" | "update_dhcp_options" | "validate" | "vif_list" | "get_current_vif" | "need_power_on" | "get_node_network_data" | "reconcile";
            /** @description The network provider of the operation */
            network_provider: string | null;
            /** @description The network type of the method; null: none */
            network_type: ("provisioning" | "cleaning" | "rescuing" | "inspection" | "servicing" | "tenant") | null;
            /** @description null: the request named no node */
            node_uuid: string | null;
            /** @description The queue whose owner still has to deliver the result; null: delivered, or a call */
            owed_to: string | null;
            /** @description The caller's request id */
            request_id: string | null;
            /** @description The result (see docs/wire-protocol.md); null while the operation runs */
            result: {
                [key: string]: unknown;
            } | null;
            /** @description The current bindings that the operation made */
            standing: components["schemas"]["Binding"][];
            /** Format: date-time */
            started_at: string;
            /** @enum {string} */
            status: "running" | "succeeded" | "failed";
            /** @description How many of these begins had no other operation running in the worker */
            tried_alone: number;
        };
        /** @description A page of a list, newest first */
        OperationList: {
            /** @description URL of the next page, if there may be one */
            next?: string;
            operations: components["schemas"]["OperationSummary"][];
        };
        /** @description Rate, duration and retries of the operations of the last minutes */
        OperationSeries: {
            /** @description By method, the most frequent first */
            durations: {
                /** @description How many operations took at most so many seconds, and longer than the bound before */
                buckets: {
                    count: number;
                    seconds: number;
                }[];
                count: number;
                failed: number;
                method: string;
            }[];
            /** @description Oldest first */
            points: {
                /**
                 * Format: date-time
                 * @description When the span of time begins
                 */
                at: string;
                failed: number;
                max: number | null;
                /** @description Seconds from receipt to outcome; null: none ended */
                mean: number | null;
                p50: number | null;
                /** @description Percentiles are right to about a tenth of their value */
                p95: number | null;
                /** @description Attempts beyond the first, of the operations that ended in the span */
                retries: number;
                /** @description Operations that ended in the span */
                succeeded: number;
            }[];
            /** @description Operations that have begun and not ended */
            running: number;
            /** @description Seconds between two points */
            span: number;
        };
        /** @description One call or cast of a conductor, from receipt to outcome */
        OperationSummary: {
            /** @description Number of attempts; 0 while the operation waits for Neutron or another dependency of its provider */
            attempts: number;
            /** @description The conductor host whose queue the request came from; null: the queue of any host */
            conductor_host: string | null;
            finished_at: string | null;
            /** @description The _unique_id of its message */
            id: string;
            /** @enum {string} */
            kind: "call" | "cast";
            /** @description While the operation runs: the reason of the last retry; afterwards: the reason of the failure */
            last_error: string | null;
            /** @enum {string} */
            method: "add_provisioning_network" | "remove_provisioning_network" | "add_cleaning_network" | "remove_cleaning_network" | "configure_tenant_networks" | "unconfigure_tenant_networks" | "add_rescuing_network" | "remove_rescuing_network" | "add_inspection_network" | "remove_inspection_network" | "add_servicing_network" | "remove_servicing_network" | "vif_attach" | "vif_detach" | "port_changed" | "portgroup_changed" | "reattach" | "update_dhcp_options" | "validate" | "vif_list" | "get_current_vif" | "need_power_on" | "get_node_network_data" | "reconcile";
            /** @description The network provider of the operation */
            network_provider: string | null;
            /** @description The network type of the method; null: none */
            network_type: ("provisioning" | "cleaning" | "rescuing" | "inspection" | "servicing" | "tenant") | null;
            /** @description null: the request named no node */
            node_uuid: string | null;
            /** @description The caller's request id */
            request_id: string | null;
            /** Format: date-time */
            started_at: string;
            /** @enum {string} */
            status: "running" | "succeeded" | "failed";
        };
        /** @description A port (NIC) of a node, from the last task of a conductor and later changes of operators */
        Port: {
            /** @description MAC address in lower case */
            address?: string;
            /** @description Whether Ironic may create a portgroup with it by itself; netprov never does */
            available_for_dynamic_portgroup?: boolean;
            /** @description A label for its purpose, set by operators */
            category?: string | null;
            /** @description Time at which the record was created */
            created_at?: string | null;
            /** @description A description by operators */
            description?: string | null;
            /** @description Operators' own data; tasks set only client-id */
            extra?: {
                [key: string]: unknown;
            };
            /** @description Ironic's internal data, such as tenant_vif_port_id; read-only for operators */
            internal_info?: {
                [key: string]: unknown;
            };
            /** @description Whether it is a smart NIC */
            is_smartnic?: boolean | null;
            /** @description Links to the resource */
            links: components["schemas"]["Link"][];
            /** @description The switch port that it is cabled to: switch_id and port_id, or hostname and port_id; network_type */
            local_link_connection?: {
                [key: string]: unknown;
            };
            /** @description Name of the port; it can replace the UUID in URLs */
            name?: string | null;
            /**
             * Format: uuid
             * @description UUID of its node
             */
            node_uuid?: string;
            /** @description Name of its physical network */
            physical_network?: string | null;
            /** @description UUID of its portgroup */
            portgroup_uuid?: string | null;
            /** @description Whether the port boots from the network; by default, only such ports get a port on management networks */
            pxe_enabled?: boolean | null;
            /** @description Time of the last change of the record */
            updated_at?: string | null;
            /**
             * Format: uuid
             * @description UUID of the port
             */
            uuid?: string;
            /** @description The creator of the port */
            vendor?: string | null;
        };
        /** @description A portgroup (LAG) of a node, from the last task of a conductor and later changes of operators */
        Portgroup: {
            /** @description MAC address in lower case */
            address?: string | null;
            /** @description A label for its purpose, set by operators */
            category?: string | null;
            /** @description Time at which the record was created */
            created_at?: string | null;
            /** @description Whether Ironic created it by itself; always false here */
            dynamic_portgroup?: boolean;
            /** @description Operators' own data; tasks set only client-id */
            extra?: {
                [key: string]: unknown;
            };
            /** @description Ironic's internal data, such as tenant_vif_port_id; read-only for operators */
            internal_info?: {
                [key: string]: unknown;
            };
            /** @description Links to the resource */
            links: components["schemas"]["Link"][];
            /** @description Bonding mode */
            mode?: string | null;
            /** @description Name of the portgroup; it can replace the UUID in URLs */
            name?: string | null;
            /**
             * Format: uuid
             * @description UUID of its node
             */
            node_uuid?: string;
            /** @description Name of its physical network */
            physical_network?: string | null;
            /** @description Links to its ports */
            ports?: components["schemas"]["Link"][];
            /** @description Properties of the bonding mode, such as miimon */
            properties?: {
                [key: string]: unknown;
            };
            /** @description Whether its ports may also be used on their own */
            standalone_ports_supported?: boolean | null;
            /** @description Time of the last change of the record */
            updated_at?: string | null;
            /**
             * Format: uuid
             * @description UUID of the portgroup
             */
            uuid?: string;
        };
        /** @description A page of a list */
        PortgroupList: {
            /** @description URL of the next page, if there may be one */
            next?: string;
            portgroups: components["schemas"]["Portgroup"][];
        };
        /** @description A page of a list */
        PortList: {
            /** @description URL of the next page, if there may be one */
            next?: string;
            ports: components["schemas"]["Port"][];
        };
        /** @description What waits: requests, dead letters, and results that are owed */
        Queues: {
            /** @description Results of casts whose delivery is not confirmed */
            owed_results: number;
            queues: {
                conductor_host: string | null;
                /** @description Its consumers, of which one is active; null: there is no such queue */
                consumers: number | null;
                /**
                 * @description host: of one conductor host; any_host: of requests that any worker may take; fanout; dead_letters
                 * @enum {string}
                 */
                kind: "host" | "any_host" | "fanout" | "dead_letters";
                /** @description Messages that wait; null: there is no such queue */
                messages: number | null;
                name: string;
            }[];
        };
        /** @description Who is logged in at the console, and what that person may do */
        Session: {
            /**
             * @description How callers of this API authenticate
             * @enum {string}
             */
            auth_strategy: "keystone" | "http_basic" | "noauth";
            /** @description The value of the header X-CSRF-Token that each change needs; null: none is needed */
            csrf: string | null;
            /** @description When the session ends; null: it does not end, or there is none */
            expires_at: string | null;
            /** @description The policy rules that the user meets for every node. For its own nodes, a project may meet more */
            may: string[];
            /** @description The project that the user acts for */
            project: {
                domain_id: string;
                id: string;
                name: string;
            } | null;
            /** @description Names of the roles in the project or the system */
            roles: string[];
            /** @description Whether the user acts for the whole system */
            system: boolean;
            /** @description Who is logged in; null: nobody, or auth_strategy is noauth */
            user: {
                id: string;
                name: string | null;
            } | null;
        };
        /** @description The attached VIFs */
        VifList: {
            vifs: {
                /** @description UUID of the Neutron port */
                id: string;
            }[];
        };
        /** @description The networks that a node is on, and the last operation about it */
        Whereabouts: {
            /** @description The conductor host of its last operation */
            conductor: string | null;
            /** @description Whether Neutron differed from the record when they were last compared; null: not compared since the last change */
            differs: boolean | null;
            /** @description When that was found; null: it does not differ */
            differs_at: string | null;
            /** @description The newest operation that is there to change something; null: none is on record, or the caller may not see it */
            latest: components["schemas"]["OperationSummary"] | null;
            name: string | null;
            /** @description The networks, that of the oldest binding first */
            network_ids: string[];
            /** @description The node's network provider; null: the default of the workers */
            network_provider: string | null;
            /** @description null: the node is on no network */
            network_type: ("provisioning" | "cleaning" | "rescuing" | "inspection" | "servicing" | "tenant") | null;
            /** Format: uuid */
            node_uuid: string;
            /** @description Its provision state in Ironic, from the last task that had it */
            provision_state: string | null;
            /** @description When the oldest of its bindings was made; null: it has none */
            since: string | null;
        };
        /** @description A page of a list */
        WhereaboutsList: {
            /** @description URL of the next page, if there may be one */
            next?: string;
            whereabouts: components["schemas"]["Whereabouts"][];
        };
        /** @description The workers, and who acts for which conductor host */
        Workers: {
            hosts: {
                conductor_host: string;
                /** @description How often a worker took it */
                epoch: number;
                /** @description Seconds for which the worker may act before it asks again; null: unknown */
                lease: number | null;
                /**
                 * Format: date-time
                 * @description When the last worker took the queue
                 */
                since: string;
                /** @description The worker that acts for its queue; null: none since the last one released it */
                worker_id: string | null;
            }[];
            workers: {
                /** @description Version and commit; null: a worker of an older version, which does not tell */
                build: string | null;
                id: string;
                /** @description Whether that was less than ten seconds ago; null: unknown */
                lives: boolean | null;
                /** @description Its machine and process */
                name: string;
                /** @description The conductor hosts for whose queues it acts */
                owns: string[];
                /** @description When it last said that it is alive; null: a worker of an older version */
                seen_at: string | null;
                /** @description The conductor hosts whose queues it would take over */
                stands_by: string[];
                /** Format: date-time */
                started_at: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
