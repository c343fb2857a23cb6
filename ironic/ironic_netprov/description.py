"""What goes on the wire of a node, its ports and portgroups: chosen fields, as plain values.

Ironic's own objects are never sent: ``driver_info`` has credentials, and ``instance_info`` may hold a
configuration drive of megabytes.
"""

from typing import Any, Dict, Iterable, Optional

from ironic_netprov import vifs

DRIVER_INFO = (
    'provisioning_network', 'cleaning_network', 'rescuing_network', 'inspection_network',
    'servicing_network', 'fail_on_binding_failure', 'one_port_per_portgroup')

Json = Dict[str, Any]


def describe_task(task: Any, network_provider: str) -> Json:
    """The node of a task, with all its ports and portgroups."""
    uuids = portgroup_uuids(task)
    return {
        'node': _node(task, network_provider),
        'ports': [describe_port(port, uuids) for port in task.ports],
        'portgroups': [describe_portgroup(group) for group in task.portgroups],
    }


def portgroup_uuids(task: Any) -> Dict[int, str]:
    """The UUIDs of a task's portgroups by their database ids, which is how ports name them."""
    return {group.id: group.uuid for group in task.portgroups}


def describe_port(port: Any, uuids: Dict[int, str]) -> Json:
    """A port. ``uuids`` are those of the portgroups."""
    return {
        'uuid': port.uuid,
        'address': port.address,
        'portgroup_uuid': uuids.get(port.portgroup_id),
        'pxe_enabled': port.pxe_enabled,
        'local_link_connection': dict(port.local_link_connection or {}),
        'physical_network': port.physical_network,
        'is_smartnic': bool(port.is_smartnic),
        'internal_info': _tenant_vif(port),
        'extra': _chosen(port.extra, ('client-id',)),
    }


def describe_portgroup(group: Any) -> Json:
    """A portgroup."""
    return {
        'uuid': group.uuid,
        'name': group.name,
        'address': group.address,
        'mode': group.mode,
        'properties': dict(group.properties or {}),
        'standalone_ports_supported': group.standalone_ports_supported,
        # Ironic knows it since 36.0.
        'physical_network': getattr(group, 'physical_network', None),
        'internal_info': _tenant_vif(group),
    }


def _node(task: Any, network_provider: str) -> Json:
    node = task.node
    return {
        'uuid': node.uuid,
        'name': node.name,
        # The node's network_interface is netprov, which no worker knows.
        'network_provider': network_provider,
        'instance_uuid': node.instance_uuid,
        'driver_info': _chosen(node.driver_info, DRIVER_INFO),
        # No boot_option: Ironic 21.4 and later go by the deploy interface (deploy_utils.get_boot_option), and ignore
        # what old flavors say here.
        'instance_info': {},
        'provision_state': node.provision_state,
        'boot_interface': node.boot_interface,
        'pxe_boot': 'pxe_boot' in task.driver.boot.capabilities,
    }


def _chosen(values: Optional[Json], keys: Iterable[str]) -> Json:
    return {key: values[key] for key in keys if key in values} if values else {}


def _tenant_vif(port_like: Any) -> Json:
    # Null where there is none: otherwise a VIF that Ironic has forgotten would live on in the
    # workers' records.
    return {vifs.TENANT: vifs.tenant_vif(port_like)}
