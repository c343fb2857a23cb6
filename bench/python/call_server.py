"""An oslo.messaging RPC server that does nothing for a call but answer it.

    NETPROV_TRANSPORT_URL=rabbit://... call_server.py TOPIC HOST

Serves its queues, and prints {"declared": true}. Ends with its standard input.
"""

import sys

import oslo_messaging
from serving import open_transport, result_of, say, serve, stop


class Endpoint:
    target = oslo_messaging.Target(version='1.0')

    def add_provisioning_network(self, context, task):
        return result_of('add_provisioning_network', context['request_id'], task['node'])


def main(topic, host):
    server = serve(open_transport(), topic, host, Endpoint())
    say(declared=True)
    sys.stdin.read()
    stop(server)


main(*sys.argv[1:])
