"""A conductor: real Ironic objects and exceptions, Python's oslo.messaging client, and an RPC server for results.

Request:  {do: call | cast, method, task, args, objects, version, version_cap, call_monitor_timeout, timeout}
          task is {node, ports, portgroups} as plain dicts, args what the method takes beside it; with objects true,
          Ironic's own objects are made of the task, of port_obj and of portgroup_obj.
Answer:   {result}, {raised: {class, bases, code, message, ...}}, or {sent: true} for a cast.
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


def ironic_objects(task, args):
    """Ironic's objects, with database ids in the place of UUIDs where Ironic has these."""
    node = objects.Node(context=None, id=1, **task['node'])
    portgroups = [
        ironic_portgroup(fields, number) for number, fields in enumerate(task.get('portgroups', []), start=10)]
    ids = {portgroup.uuid: portgroup.id for portgroup in portgroups}
    ports = [ironic_port(fields, number, ids) for number, fields in enumerate(task.get('ports', []), start=20)]
    made = {
        'port_obj': lambda fields: ironic_port(fields, 20, ids),
        'portgroup_obj': lambda fields: ironic_portgroup(fields, 10)}
    return dict(
        {name: made.get(name, lambda value: value)(value) for name, value in args.items()},
        task={'node': node, 'ports': ports, 'portgroups': portgroups})


def ironic_portgroup(fields, number):
    return objects.Portgroup(context=None, id=number, node_id=1, **fields)


def ironic_port(fields, number, portgroup_ids):
    fields = dict(fields)
    portgroup_id = portgroup_ids.get(fields.pop('portgroup_uuid', None))
    return objects.Port(context=None, id=number, node_id=1, portgroup_id=portgroup_id, **fields)


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
        task, beside = request['task'], request.get('args', {})
        kwargs = ironic_objects(task, beside) if request.get('objects') else dict(beside, task=task)
        options = {
            name: request[name]
            for name in ('timeout', 'call_monitor_timeout', 'version', 'version_cap', 'fanout') if name in request}
        context = {'request_id': 'req-conductor', 'auth_token': 'planted-token'}
        try:
            if request['do'] == 'cast':
                client.prepare(**options).cast(context, request['method'], **kwargs)
                json_lines.put({'sent': True})
            else:
                json_lines.put({'result': client.prepare(**options).call(context, request['method'], **kwargs)})
        except Exception as error:
            json_lines.put({'raised': {
                'class': type(error).__name__,
                'bases': [base.__name__ for base in type(error).__mro__[1:]],
                'code': getattr(error, 'code', None),
                'ironic_exception': isinstance(error, exception.IronicException),
                'network_error': isinstance(error, exception.NetworkError),
                'message': str(error),
            }})
    json_lines.end()


main()
