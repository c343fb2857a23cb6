"""The network interface ``netprov``."""

import inspect
from typing import Any, Callable, Dict, List, Optional

from ironic.common import exception
from ironic.conf import CONF
from ironic.drivers import base
from oslo_log import log

from ironic_netprov import description
from ironic_netprov import faults
from ironic_netprov import hardware
from ironic_netprov import options
from ironic_netprov import vif_check
from ironic_netprov import vifs
from ironic_netprov.worker import Worker

LOG = log.getLogger(__name__)

options.register(CONF)

Json = Dict[str, Any]

# What validate may raise: Ironic catches nothing else where it begins to clean or to service a node.
FROM_VALIDATE = (exception.InvalidParameterValue, exception.MissingParameterValue,
                 exception.NetworkError)


def out_of_band_service_step(method: Callable) -> Callable:
    """Makes a service step that needs no ramdisk, where this version of Ironic has such steps."""
    step = getattr(base, 'service_step', None)
    if step is None or 'requires_ramdisk' not in inspect.signature(step).parameters:
        return method
    return step(priority=0, requires_ramdisk=False)(method)


class NetprovNetwork(base.NetworkInterface):
    """Has netprov workers move the node between networks."""

    # Read by Ironic since 30.0: it may mend the network data of a configuration drive.
    capabilities = ['metadata']

    def __init__(self) -> None:
        super().__init__()
        # No client and no thread yet: see Worker.
        self._worker = Worker()
        hardware.accept(type(self))

    def get_properties(self) -> Dict[str, str]:
        """Return the keys of driver_info that the workers read, with their meanings."""
        networks = {f'{kind}_network': f'Name or UUID of the {kind} network of this node. Optional.'
                    for kind in sorted(vifs.MANAGEMENT)}
        return {**networks,
                'one_port_per_portgroup': 'Whether a portgroup has one Neutron port on management '
                                          'networks, in place of its members. Optional.',
                'fail_on_binding_failure': 'Whether a binding that Neutron cannot make fails the '
                                           'operation. Optional.'}

    # Checks

    def validate(self, task: Any) -> None:
        """Check that the networks exist that every node needs.

        :raises: InvalidParameterValue, MissingParameterValue, NetworkError
        """
        # Refused by Ironic's own interface since 28.0: a ramdisk would run on while its network is switched.
        if (getattr(task.node, 'disable_power_off', False)
                and not getattr(CONF.neutron, 'allow_disabling_power_off', False)):
            raise exception.InvalidParameterValue(
                'Nodes with disable_power_off cannot have the network interface netprov: their '
                'networks are switched while they are off.')
        self._validate(task)

    def validate_rescue(self, task: Any) -> None:
        """Check that the rescuing network exists.

        :raises: InvalidParameterValue, MissingParameterValue, NetworkError
        """
        self._validate(task, network_type='rescuing')

    def validate_inspection(self, task: Any) -> None:
        """Check that the inspection network exists.

        :raises: UnsupportedDriverExtension when none is set: Ironic then inspects without managing the network
        :raises: InvalidParameterValue, NetworkError
        """
        try:
            self._validate(task, network_type='inspection')
        except exception.MissingParameterValue as error:
            raise exception.UnsupportedDriverExtension(
                driver=task.node.driver, extension='inspection') from error

    # Answered from Ironic's own record: these run while others hold the node, and must not wait.

    def vif_list(self, task: Any) -> List[Dict[str, str]]:
        """List the attached VIFs."""
        return vifs.attached(task)

    def get_current_vif(self, task: Any, p_obj: Any) -> Optional[str]:
        """Return the Neutron port that a port or portgroup uses now."""
        return vifs.current_vif(p_obj)

    def need_power_on(self, task: Any) -> bool:
        """Tell whether the node must be on while its networks are switched: it has smart NICs."""
        return any(port.is_smartnic for port in task.ports)

    # What users do, while they wait for the API

    def vif_attach(self, task: Any, vif_info: Json) -> None:
        """Attach a VIF to a free port or portgroup, or to the one that vif_info names.

        :raises: NetworkError, VifAlreadyAttached, VifInvalidForAttach, NoFreePhysicalPorts
        """
        if CONF.netprov.check_vif:
            vif_check.before_attach(task, vif_info['id'])
        known = {key: vif_info[key] for key in ('id', 'port_uuid', 'portgroup_uuid')
                 if vif_info.get(key)}
        result = self._change(task, 'vif_attach', '1.1', self._api_deadline, vif_info=known)
        vifs.note_tenant(task, result['vifs'])

    def vif_detach(self, task: Any, vif_id: str) -> None:
        """Unbind a VIF, and forget it.

        :raises: NetworkError, VifNotAttached
        """
        if vif_id not in [vif['id'] for vif in vifs.attached(task)]:
            raise exception.VifNotAttached(vif=vif_id, node=task.node.uuid)
        if CONF.netprov.check_vif:
            vif_check.before_detach(task, vif_id)
        result = self._change(task, 'vif_detach', '1.1', self._api_deadline, vif_id=vif_id)
        vifs.note_tenant(task, result['vifs'])

    def port_changed(self, task: Any, port_obj: Any) -> None:
        """Have Neutron follow a port that is about to change.

        :raises: Conflict, FailedToUpdateDHCPOptOnPort, NetworkError
        """
        port = description.describe_port(port_obj, description.portgroup_uuids(task))
        self._change(task, 'port_changed', '1.1', self._api_deadline, port_obj=port)

    def portgroup_changed(self, task: Any, portgroup_obj: Any) -> None:
        """Have Neutron follow a portgroup that is about to change.

        :raises: Conflict, FailedToUpdateDHCPOptOnPort, NetworkError
        """
        group = description.describe_portgroup(portgroup_obj)
        self._change(task, 'portgroup_changed', '1.1', self._api_deadline, portgroup_obj=group)

    def get_node_network_data(self, task: Any) -> Json:
        """Return the node's network_data.json: its own, or what Neutron says of its ports.

        :raises: InvalidParameterValue, MissingParameterValue, NetworkError
        """
        own = super().get_node_network_data(task)
        if own:
            return own
        return self._ask(task, 'get_node_network_data').get('network_data') or {}

    # Management networks

    def add_provisioning_network(self, task: Any) -> Dict[str, str]:
        """Connect the node to the provisioning network.

        :returns: the Neutron port of each connected port, by UUIDs
        :raises: NetworkError
        """
        # The other deploy interfaces unbind by themselves when they build a node anew.
        if task.node.deploy_interface == 'ansible' and vifs.attached(task):
            self.unconfigure_tenant_networks(task)
        return self._add(task, 'provisioning', '1.0')

    def remove_provisioning_network(self, task: Any) -> None:
        """Disconnect the node from the provisioning network.

        :raises: NetworkError
        """
        self._move(task, 'remove', 'provisioning', '1.0')

    def add_cleaning_network(self, task: Any) -> Dict[str, str]:
        """Connect the node to the cleaning network, and return its Neutron ports.

        :raises: NetworkError
        """
        return self._add(task, 'cleaning', '1.0')

    def remove_cleaning_network(self, task: Any) -> None:
        """Disconnect the node from the cleaning network.

        :raises: NetworkError
        """
        self._move(task, 'remove', 'cleaning', '1.0')

    def add_rescuing_network(self, task: Any) -> Dict[str, str]:
        """Connect the node to the rescuing network, and return its Neutron ports.

        :raises: NetworkError
        """
        return self._add(task, 'rescuing', '1.1')

    def remove_rescuing_network(self, task: Any) -> None:
        """Disconnect the node from the rescuing network.

        :raises: NetworkError
        """
        self._move(task, 'remove', 'rescuing', '1.1')

    def add_inspection_network(self, task: Any) -> Dict[str, str]:
        """Connect the node to the inspection network, and return its Neutron ports.

        :raises: NetworkError
        """
        return self._add(task, 'inspection', '1.1')

    def remove_inspection_network(self, task: Any) -> None:
        """Disconnect the node from the inspection network.

        :raises: NetworkError
        """
        self._move(task, 'remove', 'inspection', '1.1')

    def add_servicing_network(self, task: Any) -> Dict[str, str]:
        """Connect the node to the servicing network, and return its Neutron ports.

        :raises: NetworkError
        """
        return self._add(task, 'servicing', '1.1')

    def remove_servicing_network(self, task: Any) -> None:
        """Disconnect the node from the servicing network.

        :raises: NetworkError
        """
        self._move(task, 'remove', 'servicing', '1.1')

    # Tenant networks

    def configure_tenant_networks(self, task: Any) -> None:
        """Bind the attached VIFs to the node.

        :raises: NetworkError
        """
        self._change(task, 'configure_tenant_networks', '1.0', CONF.netprov.deadline)

    def unconfigure_tenant_networks(self, task: Any) -> None:
        """Unbind the attached VIFs. They stay attached.

        :raises: NetworkError
        """
        self._change(task, 'unconfigure_tenant_networks', '1.0', CONF.netprov.deadline)

    @out_of_band_service_step
    def reattach_networking(self, task: Any) -> None:
        """Unbind the attached VIFs and bind them again, while the instance runs.

        :raises: NetworkError
        """
        self._change(task, 'reattach', '1.1', CONF.netprov.deadline)

    # How it is done

    @property
    def _api_deadline(self) -> int:
        return CONF.netprov.api_deadline

    def _validate(self, task: Any, **arguments: Any) -> None:
        try:
            result = self._ask(task, 'validate', **arguments)
        except FROM_VALIDATE:
            raise
        except Exception as error:
            raise exception.NetworkError(str(error)) from error
        for warning in result.get('warnings', []):
            LOG.warning('Node %(node)s: %(reason)s',
                        {'node': task.node.uuid, 'reason': warning['reason']})

    def _ask(self, task: Any, method: str, **arguments: Any) -> Json:
        return self._worker.ask(task.context, method, '1.1', self._api_deadline,
                                task=self._describe(task), **arguments)

    def _add(self, task: Any, network_type: str, version: str) -> Dict[str, str]:
        """Connects the node to a management network, and to no other one.

        An operation that was broken off may have left it on another one. Ironic's inspection by ironic-inspector leaves
        it there when it is aborted, and nothing in Ironic takes it away before the next inspection.
        """
        for other in vifs.management_types(task):
            if other != network_type:
                LOG.warning('Node %(node)s is still on the %(other)s network, from an operation that was broken '
                            'off. It leaves it before it goes on the %(wanted)s network.',
                            {'node': task.node.uuid, 'other': other, 'wanted': network_type})
                getattr(self, f'remove_{other}_network')(task)
        return self._move(task, 'add', network_type, version)

    def _move(self, task: Any, verb: str, network_type: str, version: str) -> Dict[str, str]:
        """Connects the node to a management network, or disconnects it from there."""
        noted: Dict[str, str] = {}

        def note(result: Json) -> None:
            noted.update(vifs.note_management(task, network_type, result.get('bindings', [])))

        self._change(task, f'{verb}_{network_type}_network', version, CONF.netprov.deadline, note)
        return noted

    def _change(self, task: Any, method: str, version: str, deadline: int,
                note: Callable[[Json], None] = lambda result: None, **arguments: Any) -> Json:
        """Has a worker change something.

        :param note: notes what stands after it. A failed result says it too.
        :raises: the result's error, as Ironic's own exception
        """
        result = self._worker.change(task.context, method, version, deadline,
                                     task=self._describe(task), **arguments)
        note(result)
        if result['status'] != 'succeeded':
            raise faults.in_result(result.get('error') or {})
        for missed in [*result.get('failures', []), *result.get('warnings', [])]:
            LOG.warning('%(method)s of node %(node)s: %(reason)s',
                        {'method': method, 'node': task.node.uuid, 'reason': missed['reason']})
        return result

    def _describe(self, task: Any) -> Json:
        return description.describe_task(task, CONF.netprov.network_provider)
