"""An oslo.messaging RPC server whose methods do nothing, as fast as Python's own library goes.

    NETPROV_TRANSPORT_URL=rabbit://... drain_server.py TOPIC HOST CASTS

Declares its queues and disconnects, and prints {"declared": true}. After a line on standard input it serves them. At
the last cast it prints {"begin": ..., "end": ...}: when the first and the last cast were handled, in milliseconds since
1970. Ends with its standard input.
"""

import itertools
import sys
import threading
import time

import oslo_messaging
from serving import open_transport, say, serve, stop


class Endpoint:
    target = oslo_messaging.Target(version='1.0')

    def __init__(self, casts):
        self.casts = casts
        self.handled = itertools.count(1)  # atomic, where += between threads is not
        self.begin = self.end = None
        self.done = threading.Event()

    def add_provisioning_network(self, context, task):
        if self.begin is None:
            self.begin = time.time()
        if next(self.handled) == self.casts:
            self.end = time.time()
            self.done.set()


def main(topic, host, casts):
    transport = open_transport()
    endpoint = Endpoint(int(casts))
    stop(serve(transport, topic, host, endpoint))
    say(declared=True)

    sys.stdin.readline()
    server = serve(transport, topic, host, endpoint)
    endpoint.done.wait()
    say(begin=endpoint.begin * 1000, end=endpoint.end * 1000)
    sys.stdin.read()
    stop(server)


main(*sys.argv[1:])
