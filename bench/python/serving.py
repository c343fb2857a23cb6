"""What the RPC servers of this folder have in common."""

import json
import os

import oslo_messaging
from oslo_config import cfg


def open_transport(options=''):
    """The transport of NETPROV_TRANSPORT_URL, with oslo.messaging's default options but for those given as a query."""
    cfg.CONF([], project='ironic', default_config_files=[])
    oslo_messaging.set_transport_defaults('ironic')
    return oslo_messaging.get_rpc_transport(cfg.CONF, url=os.environ['NETPROV_TRANSPORT_URL'] + options)


def serve(transport, topic, host, endpoint):
    target = oslo_messaging.Target(topic=topic, server=host)
    server = oslo_messaging.get_rpc_server(
        transport, target, [endpoint], executor='threading',
        access_policy=oslo_messaging.DefaultRPCAccessPolicy)
    server.start()
    return server


def stop(server):
    server.stop()
    server.wait()


def result_of(method, operation_id, node):
    """The result of an operation that changed nothing, as the netprov worker sends it."""
    return {
        'operation_id': operation_id, 'node_uuid': node['uuid'], 'method': method,
        'network_provider': node['network_provider'], 'network_type': 'provisioning', 'status': 'succeeded',
        'bindings': [], 'failures': [], 'warnings': [], 'error': None,
    }


def say(**event):
    print(json.dumps(event), flush=True)
