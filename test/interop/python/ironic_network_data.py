"""What Ironic's own neutron network interface makes of the Neutron ports of a node: its network_data.json.

Arguments: {neutron: Neutron's URL}
Request:   a task {node, ports, portgroups} as plain dicts
Answer:    {network_data}, or {raised: {class, message}}
"""

import logging
import types

from ironic.conf import CONF
from ironic.drivers.modules.network import neutron
from ironic import objects

import json_lines

objects.register_all()


def configure(endpoint):
    CONF([], project='ironic', default_config_files=[], default_config_dirs=[])
    CONF.set_override('auth_type', 'none', group='neutron')
    # An option of keystoneauth's: it is registered when the group is first read.
    CONF.set_override('endpoint_override', endpoint, group='neutron')


def task_of(request):
    """As much of a TaskManager as the interface looks at."""
    node = objects.Node(context=None, uuid=request['node']['uuid'], network_data=request['node']['network_data'])
    fields = ('uuid', 'address', 'internal_info', 'extra')
    ports = [objects.Port(context=None, **{name: port[name] for name in fields}) for port in request['ports']]
    return types.SimpleNamespace(node=node, ports=ports, portgroups=[], context=None)


def main():
    args = json_lines.arguments()
    logging.getLogger().setLevel(logging.ERROR)
    configure(args['neutron'])
    interface = neutron.NeutronNetwork()
    json_lines.put({'ready': True})
    for request in json_lines.requests():
        try:
            json_lines.put({'network_data': interface.get_node_network_data(task_of(request))})
        except Exception as error:
            json_lines.put({'raised': {'class': type(error).__name__, 'message': str(error)}})
    json_lines.end()


main()
