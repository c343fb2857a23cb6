"""A worker of version 1.0, as Python's oslo.messaging serves one. It has vif_list all the same, which nobody may reach."""

import oslo_messaging

import json_lines


class NetworkProvider:
    target = oslo_messaging.Target(version='1.0')

    def add_cleaning_network(self, context, task=None, node_id=None):
        return {
            'operation_id': 'operation-1',
            'node_uuid': node_id or task['node']['uuid'],
            'method': 'add_cleaning_network',
            'network_provider': 'none',
            'network_type': 'cleaning',
            'status': 'succeeded',
            'bindings': [],
            'failures': [],
            'error': None,
        }

    def vif_list(self, context, **kwargs):
        json_lines.put({'reached': kwargs})


def main():
    args = json_lines.arguments()
    conf, transport = json_lines.transport(args)
    target = oslo_messaging.Target(exchange=args['exchange'], topic=args['topic'], server=args['server'])
    server = oslo_messaging.get_rpc_server(transport, target, [NetworkProvider()], executor='threading')
    server.start()
    json_lines.put({'ready': True})
    for request in json_lines.requests():
        json_lines.put({'heard': request})
    json_lines.end()


main()
