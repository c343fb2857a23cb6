"""Stand-ins for Ironic's objects, with the fields that the interface reads."""

from types import SimpleNamespace
from typing import Any, Dict, List

NODE = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123'
PORT = '11111111-1111-4111-8111-111111111111'
OTHER = '22222222-2222-4222-8222-222222222222'
GROUP = '33333333-3333-4333-8333-333333333333'
VIF = '44444444-4444-4444-8444-444444444444'
NEUTRON_PORT = '55555555-5555-4555-8555-555555555555'


class Record(SimpleNamespace):
    """A port or portgroup. `saved` has its internal_info at each save()."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(saved=[], **fields)

    def save(self) -> None:
        self.saved.append(dict(self.internal_info))


def port(**fields: Any) -> Record:
    known: Dict[str, Any] = {
        'id': 1, 'uuid': PORT, 'address': '52:54:00:00:00:01', 'portgroup_id': None, 'pxe_enabled': True,
        'local_link_connection': {'switch_id': '00:11:22:33:44:55', 'port_id': 'eth1'},
        'physical_network': 'physnet1', 'is_smartnic': False, 'internal_info': {}, 'extra': {}}
    return Record(**{**known, **fields})


def portgroup(**fields: Any) -> Record:
    known: Dict[str, Any] = {
        'id': 7, 'uuid': GROUP, 'name': 'bond0', 'address': None, 'mode': '802.3ad', 'properties': {'miimon': 100},
        'standalone_ports_supported': False, 'internal_info': {}, 'extra': {}}
    return Record(**{**known, **fields})


def task(ports: List[Record] = (), portgroups: List[Record] = (), **node: Any) -> SimpleNamespace:
    known: Dict[str, Any] = {
        'uuid': NODE, 'name': 'node-1', 'driver': 'fake-hardware', 'instance_uuid': None, 'driver_info': {},
        'instance_info': {}, 'provision_state': 'deploying', 'boot_interface': 'pxe', 'deploy_interface': 'direct',
        'network_data': {}}
    boot = SimpleNamespace(capabilities=['pxe_boot'])
    return SimpleNamespace(
        node=SimpleNamespace(**{**known, **node}), ports=list(ports), portgroups=list(portgroups),
        driver=SimpleNamespace(boot=boot),
        context=SimpleNamespace(request_id='req-user', global_id='req-user', auth_token='secret', roles=['admin']))


def result(**fields: Any) -> Dict[str, Any]:
    return {'status': 'succeeded', 'bindings': [], 'failures': [], 'warnings': [], 'error': None, **fields}
