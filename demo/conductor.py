"""A conductor's side of the demo, with Python's own oslo.messaging.

Reads {"method": ..., "task": ...} from standard input, one JSON object a line, and casts it to the worker of its host.
Prints each port_binding_result that comes back, one JSON object a line.
"""

import json
import os
import sys

from oslo_config import cfg
import oslo_messaging


class Results(object):
    """What a conductor's RPC server offers on the results topic."""

    target = oslo_messaging.Target(version='1.0')

    def port_binding_result(self, context, result):
        print(json.dumps(result), flush=True)


def main():
    url, exchange, topic, host = sys.argv[1:]
    cfg.CONF([], default_config_files=[])
    transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=url)
    results = oslo_messaging.get_rpc_server(
        transport,
        oslo_messaging.Target(exchange=exchange, topic=topic + '_results', server=host),
        [Results()],
        executor='threading')
    results.start()
    target = oslo_messaging.Target(exchange=exchange, topic=topic, server=host, version='1.0')
    client = oslo_messaging.get_rpc_client(transport, target)
    for line in sys.stdin:
        request = json.loads(line)
        client.cast({}, request['method'], task=request['task'])
    # An orderly end waits for oslo.messaging's polling threads.
    os._exit(0)


main()
