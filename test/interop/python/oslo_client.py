"""A Python oslo.messaging RPC client that calls and casts what it is told.

Request:  {do: call | cast, method, args, server, fanout, version, namespace, timeout, call_monitor_timeout, context}
Answer:   {result} or {error: {class, module, message, native, attributes}}, and {sent: true} for a cast
"""

import oslo_messaging

import json_lines


def describe(error):
    """native: was the exception rebuilt as its own class, and not wrapped in a RemoteError?"""
    attributes = {
        name: value for name, value in vars(error).items()
        if value is None or isinstance(value, (str, int, list, dict))}
    return {
        'class': type(error).__name__,
        'module': type(error).__module__,
        'bases': [base.__name__ for base in type(error).__mro__],
        'message': str(error),
        'native': not isinstance(error, oslo_messaging.RemoteError),
        'attributes': attributes,
    }


def main():
    args = json_lines.arguments()
    conf, transport = json_lines.transport(args)
    target = oslo_messaging.Target(exchange=args['exchange'], topic=args['topic'])
    client = oslo_messaging.get_rpc_client(transport, target)
    json_lines.put({'ready': True})
    for request in json_lines.requests():
        options = {
            name: request[name]
            for name in ('server', 'fanout', 'version', 'namespace', 'timeout', 'call_monitor_timeout')
            if name in request}
        context = request.get('context', {})
        prepared = client.prepare(**options)
        try:
            if request['do'] == 'cast':
                prepared.cast(context, request['method'], **request.get('args', {}))
                json_lines.put({'sent': True})
            else:
                json_lines.put({'result': prepared.call(context, request['method'], **request.get('args', {}))})
        except Exception as error:
            json_lines.put({'error': describe(error)})
    json_lines.end()


main()
