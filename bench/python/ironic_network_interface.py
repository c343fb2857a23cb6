"""Ironic's own neutron network interface on Ironic's own objects, tasks and database, called as a conductor calls it.

    ironic_network_interface.py CONFIG_FILE

CONFIG_FILE is an ironic.conf. Prints {"ready": true}; then takes a request a line of JSON on standard input, and prints an
answer a line:

    {"do": "create_node", "node": UUID, "name", "ports": [{"uuid", "address", "local_link_connection", ...}]}
    {"do": "attach_vif", "node": UUID, "port": UUID, "vif": UUID of a Neutron port}
    {"do": "perform", "nodes": [UUID, ...], "method": a method of Ironic's NetworkInterface}

The answer is {} or, to "perform", {"seconds": ...}: of the calls of the method alone. With several nodes, each has a
green thread of its own, as in a conductor. Ends with its standard input, or with the exception that a request raises.
"""

import contextlib
import json
import sys
import time

# First of all: as in a conductor, the standard library is eventlet's from here on.
import ironic.cmd  # noqa: F401

import eventlet
from ironic.common import context as ironic_context
from ironic.common import driver_factory
from ironic.common import service
from ironic.conductor import task_manager
from ironic import objects


def create_node(context, request):
    node = objects.Node(context, uuid=request['node'], name=request['name'], driver='fake-hardware')
    # Chooses the node's interfaces, as the API does when it makes a node.
    driver_factory.check_and_update_node_interfaces(node)
    node.create()
    for fields in request['ports']:
        objects.Port(context, node_id=node.id, **fields).create()
    return {}


def attach_vif(context, request):
    vif = {'id': request['vif'], 'port_uuid': request['port']}
    with task_manager.acquire(context, request['node'], purpose='vif attach') as task:
        task.driver.network.vif_attach(task, vif)
    return {}


def perform(context, request):
    with contextlib.ExitStack() as stack:
        tasks = [stack.enter_context(acquire(context, node, request['method'])) for node in request['nodes']]
        begin = time.monotonic()
        if len(tasks) == 1:
            getattr(tasks[0].driver.network, request['method'])(tasks[0])
        else:
            pool = eventlet.GreenPool(len(tasks))
            # Raises what a method raises.
            list(pool.imap(lambda task: getattr(task.driver.network, request['method'])(task), tasks))
        return {'seconds': time.monotonic() - begin}


def acquire(context, node, purpose):
    task = task_manager.acquire(context, node, purpose=purpose)
    # The task reads these when they are first asked for; a conductor mostly has, before it comes to the network.
    task.ports, task.portgroups
    return task


def say(answer):
    print(json.dumps(answer), flush=True)


def main(config_file):
    service.prepare_command(['ironic-conductor', '--config-file', config_file])
    driver_factory.hardware_types()
    driver_factory.all_interfaces()
    context = ironic_context.get_admin_context()
    say({'ready': True})
    requests = {'create_node': create_node, 'attach_vif': attach_vif, 'perform': perform}
    for line in sys.stdin:
        request = json.loads(line)
        say(requests[request['do']](context, request))


main(sys.argv[1])
