"""A conductor: real Ironic objects and exceptions, Python's oslo.messaging client, and an RPC server for results.

Request:  {do: call | cast, method, task, objects, call_monitor_timeout, timeout}
          task is {node, ports, portgroups} as plain dicts; with objects true, Ironic's own objects are made of them.
Answer:   {result}, {raised: {class, native, message}}, or {sent: true} for a cast.
Besides:  {port_binding_result: ...} for each result that arrives.
"""

from ironic.common import exception
from ironic import objects
from ironic.objects import base as objects_base
import oslo_messaging

import json_lines

objects.register_all()


class Results:
    """What a conductor offers on the results topic."""

    target = oslo_messaging.Target(version='1.0')

    def port_binding_result(self, context, result):
        json_lines.put({'port_binding_result': result, 'request_id': context.get('request_id')})


def ironic_objects(task):
    """Ironic's objects, with database ids in the place of UUIDs where Ironic has these."""
    node = objects.Node(context=None, id=1, **task['node'])
    portgroups = [
        objects.Portgroup(context=None, id=number, node_id=1, **portgroup)
        for number, portgroup in enumerate(task.get('portgroups', []), start=10)]
    ids = {portgroup.uuid: portgroup.id for portgroup in portgroups}
    ports = []
    for number, fields in enumerate(task.get('ports', []), start=20):
        fields = dict(fields)
        portgroup_uuid = fields.pop('portgroup_uuid', None)
        ports.append(objects.Port(context=None, id=number, node_id=1, portgroup_id=ids.get(portgroup_uuid), **fields))
    return {'node': node, 'ports': ports, 'portgroups': portgroups}


def main():
    args = json_lines.arguments()
    conf, transport = json_lines.transport(args)
    target = oslo_messaging.Target(exchange=args['exchange'], topic=args['topic'], server=args['host'], version='1.0')
    serializer = objects_base.IronicObjectSerializer()
    client = oslo_messaging.get_rpc_client(transport, target, serializer=serializer)
    server = oslo_messaging.get_rpc_server(
        transport,
        oslo_messaging.Target(exchange=args['exchange'], topic=args['topic'] + '_results', server=args['host']),
        [Results()],
        executor='threading')
    server.start()
    json_lines.put({'ready': True})
    for request in json_lines.requests():
        task = ironic_objects(request['task']) if request.get('objects') else request['task']
        options = {name: request[name] for name in ('timeout', 'call_monitor_timeout') if name in request}
        context = {'request_id': 'req-conductor', 'auth_token': 'planted-token'}
        try:
            if request['do'] == 'cast':
                client.cast(context, request['method'], task=task)
                json_lines.put({'sent': True})
            else:
                json_lines.put({'result': client.prepare(**options).call(context, request['method'], task=task)})
        except Exception as error:
            json_lines.put({'raised': {
                'class': type(error).__name__,
                'ironic_exception': isinstance(error, exception.IronicException),
                'network_error': isinstance(error, exception.NetworkError),
                'message': str(error),
            }})
    json_lines.end()


main()
