"""An oslo.messaging RPC server whose methods do nothing, as fast as Python's own library goes.

    NETPROV_TRANSPORT_URL=rabbit://... drain_server.py TOPIC HOST CASTS

Declares its queues and goes away again, and prints {"declared": true}. A line on standard input later, it serves
them, and prints {"seconds": ...} from the first cast handled to the last. Ends with its standard input.
"""

import itertools
import json
import os
import sys
import threading
import time

import oslo_messaging
from oslo_config import cfg


class Endpoint:
    target = oslo_messaging.Target(version='1.0')

    def __init__(self, casts):
        self.casts = casts
        self.handled = itertools.count(1)  # atomic, where += between threads is not
        self.begin = self.end = None
        self.done = threading.Event()

    def add_provisioning_network(self, context, task):
        if self.begin is None:
            self.begin = time.monotonic()
        if next(self.handled) == self.casts:
            self.end = time.monotonic()
            self.done.set()


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


def say(**event):
    print(json.dumps(event), flush=True)


def main(topic, host, casts):
    cfg.CONF([], project='ironic', default_config_files=[])
    oslo_messaging.set_transport_defaults('ironic')
    transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=os.environ['NETPROV_TRANSPORT_URL'])
    endpoint = Endpoint(int(casts))
    stop(serve(transport, topic, host, endpoint))
    say(declared=True)

    sys.stdin.readline()
    server = serve(transport, topic, host, endpoint)
    endpoint.done.wait()
    say(seconds=endpoint.end - endpoint.begin)
    sys.stdin.read()
    stop(server)


main(*sys.argv[1:])
