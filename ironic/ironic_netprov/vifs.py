"""Which Neutron port a port or portgroup has: Ironic's notes in ``internal_info``.

The keys are those that Ironic's own network interfaces write. The API, the DHCP provider, the boot parameters
of a ramdisk and the deletion of a port read them.
"""

from typing import Any, Dict, Iterable, List, Mapping, Optional

MANAGEMENT = ('cleaning', 'provisioning', 'rescuing', 'inspection', 'servicing')
TENANT = 'tenant_vif_port_id'


def key_of(network_type: str) -> str:
    """The key for the Neutron port on a type of network."""
    return f'{network_type}_vif_port_id'


def tenant_vif(port_like: Any) -> Optional[str]:
    """The VIF that is attached to a port or portgroup."""
    return (port_like.internal_info or {}).get(TENANT) or None


def current_vif(port_like: Any) -> Optional[str]:
    """The Neutron port that a port or portgroup uses now: a node is on one network at a time."""
    info = port_like.internal_info or {}
    keys = [*map(key_of, MANAGEMENT), TENANT]
    return next((info[key] for key in keys if info.get(key)), None)


def management_types(task: Any) -> List[str]:
    """The types of the management networks on which a node is, by what is noted on its ports."""
    noted = [port.internal_info or {} for port in task.ports]
    return [kind for kind in MANAGEMENT if any(info.get(key_of(kind)) for info in noted)]


def attached(task: Any) -> List[Dict[str, str]]:
    """All attached VIFs of a node, as Ironic lists them."""
    found = (tenant_vif(port_like) for port_like in [*task.ports, *task.portgroups])
    return [{'id': vif} for vif in found if vif]


def note_tenant(task: Any, vifs: Iterable[Mapping[str, str]]) -> None:
    """Notes the VIFs that are attached now, and forgets all others."""
    known = list(vifs)
    for port_likes, name in ((task.ports, 'port_uuid'), (task.portgroups, 'portgroup_uuid')):
        wanted = {vif[name]: vif['id'] for vif in known if vif.get(name)}
        for port_like in port_likes:
            _note(port_like, TENANT, wanted.get(port_like.uuid))


def note_management(task: Any, network_type: str,
                    bindings: Iterable[Mapping[str, Any]]) -> Dict[str, str]:
    """Notes the ports that stand on a management network, and forgets all others of this type.

    :returns: the Neutron port of each port that has one, by the port's UUID
    """
    wanted: Dict[str, str] = {}
    for binding in bindings:
        port = _port_of(task, binding)
        if port is not None:
            wanted[port.uuid] = binding['neutron_port_id']
    for port in task.ports:
        _note(port, key_of(network_type), wanted.get(port.uuid))
    return wanted


def _port_of(task: Any, binding: Mapping[str, Any]) -> Optional[Any]:
    """The port that has the binding. Of a portgroup, it is the member that boots.

    Ironic has management ports only on ports, and looks for the one that boots nowhere else.
    """
    uuid = binding.get('port_uuid')
    if uuid:
        return next((port for port in task.ports if port.uuid == uuid), None)
    group = next((g for g in task.portgroups if g.uuid == binding.get('portgroup_uuid')), None)
    members = [port for port in task.ports if group is not None and port.portgroup_id == group.id]
    mac = (binding.get('mac_address') or '').lower()
    members.sort(key=lambda port: (port.address.lower() != mac, not port.pxe_enabled))
    return members[0] if members else None


def _note(port_like: Any, key: str, vif: Optional[str]) -> None:
    info = dict(port_like.internal_info or {})
    if info.get(key) == vif and (vif or key not in info):
        return
    # Never null: for some readers the key counts, whatever its value is.
    info.pop(key, None)
    if vif:
        info[key] = vif
    # A new object: a change inside the old one would not be noticed, and not be saved.
    port_like.internal_info = info
    port_like.save()
