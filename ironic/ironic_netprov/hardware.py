"""Makes hardware types accept the interface.

A hardware type refuses a network interface whose class it does not list, and the lists of ipmi, redfish and all
others that Ironic comes with are fixed in Ironic's code (``supported_network_interfaces`` of GenericHardware).
Only fake-hardware accepts any. So the property is replaced by one that has this interface behind the others:
behind, because the first enabled one of the list is a node's default.

Ironic loads the hardware types first and the network interfaces afterwards, so all of them are there by then.
"""

from typing import Iterator, List

from ironic.drivers import generic
from ironic.drivers import hardware_type
from oslo_log import log

LOG = log.getLogger(__name__)

PROPERTY = 'supported_network_interfaces'


def accept(interface: type) -> None:
    """Has each hardware type with a list of its own accept the interface. Twice is harmless."""
    changed = [kind.__name__ for kind in _hardware_types() if _extend(kind, interface)]
    if changed:
        LOG.info('The network interface netprov is accepted by these hardware types and those '
                 'derived from them: %s', ', '.join(changed))


def _hardware_types() -> Iterator[type]:
    """GenericHardware, and whatever else is a hardware type, each once."""
    seen: List[type] = [generic.GenericHardware]
    waiting = [generic.GenericHardware, hardware_type.AbstractHardwareType]
    yield generic.GenericHardware
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind not in seen:
                seen.append(kind)
                waiting.append(kind)
                yield kind


def _extend(kind: type, interface: type) -> bool:
    own = vars(kind).get(PROPERTY)
    if not isinstance(own, property) or own.fget is None:
        return False
    if interface in getattr(own.fget, 'netprov_adds', ()):
        return False
    listed = own.fget

    def supported(self) -> list:
        interfaces = list(listed(self))
        return interfaces if interface in interfaces else [*interfaces, interface]

    supported.netprov_adds = (interface,)  # type: ignore[attr-defined]
    supported.__doc__ = listed.__doc__
    setattr(kind, PROPERTY, property(supported, own.fset, own.fdel, own.__doc__))
    return True
