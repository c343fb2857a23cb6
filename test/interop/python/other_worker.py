"""A worker of version 1.0, or of a later minor version than ours, as Python's oslo.messaging serves one. The results of
the later one have fields that nobody knows yet. It moves no node, and says that it did.
"""

import oslo_messaging

import json_lines


class OlderWorker:
    target = oslo_messaging.Target(version='1.0')
    news = {}

    def __init__(self, results):
        self._results = results

    def add_cleaning_network(self, context, task):
        self._cast(context, 'add_cleaning_network', task)

    def remove_cleaning_network(self, context, task):
        self._cast(context, 'remove_cleaning_network', task)

    def _cast(self, context, method, task):
        answer = {**result(method, task), **self.news}
        self._results.cast({'request_id': context['request_id']}, 'port_binding_result', result=answer)


class NewerWorker(OlderWorker):
    target = oslo_messaging.Target(version='1.9')
    news = {'warnings': [], 'of_a_later_version': {'nobody': 'knows it'}}

    def validate(self, context, task, network_type=None):
        self._cast(context, 'validate', task)


def result(method, task):
    return {
        'operation_id': 'operation-1',
        'node_uuid': task['node']['uuid'],
        'method': method,
        'network_provider': 'neutron',
        'network_type': 'cleaning',
        'status': 'succeeded',
        'bindings': [],
        'failures': [],
        'error': None,
    }


def main():
    args = json_lines.arguments()
    conf, transport = json_lines.transport(args)
    place = {'exchange': args['exchange'], 'server': args['server']}
    results = oslo_messaging.Target(topic=f"{args['topic']}_results", version='1.0', **place)
    worker = NewerWorker if args['newer'] else OlderWorker
    provider = worker(oslo_messaging.get_rpc_client(transport, results))
    target = oslo_messaging.Target(topic=args['topic'], **place)
    server = oslo_messaging.get_rpc_server(transport, target, [provider], executor='threading')
    server.start()
    json_lines.put({'ready': True})
    for request in json_lines.requests():
        json_lines.put({'heard': request})
    json_lines.end()


main()
