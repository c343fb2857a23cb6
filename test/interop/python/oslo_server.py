"""A Python oslo.messaging RPC server that does a few simple things, and tells of the casts it gets."""

import time

from oslo_context import context as oslo_context
import oslo_messaging

import interop_errors
import json_lines


class ContextSerializer(oslo_messaging.NoOpSerializer):
    """Makes contexts of what comes, as OpenStack's services do."""

    def deserialize_context(self, ctxt):
        return oslo_context.RequestContext.from_dict(ctxt)


class Endpoint:
    def echo(self, ctxt, **kwargs):
        return kwargs

    def nothing(self, ctxt):
        return None

    def context(self, ctxt):
        return {
            'request_id': ctxt.request_id,
            'global_request_id': ctxt.global_request_id,
            'auth_token': ctxt.auth_token,
        }

    def sleep(self, ctxt, seconds):
        time.sleep(seconds)
        return 'rested'

    def fail(self, ctxt, message):
        raise interop_errors.NetworkError(message)

    def note(self, ctxt, **kwargs):
        json_lines.put({'noted': kwargs, 'request_id': ctxt.request_id})


def main():
    args = json_lines.arguments()
    conf, transport = json_lines.transport(args)
    endpoint = Endpoint()
    endpoint.target = oslo_messaging.Target(version='1.5', namespace=args.get('namespace'))
    server = oslo_messaging.get_rpc_server(
        transport,
        oslo_messaging.Target(exchange=args['exchange'], topic=args['topic'], server=args['server']),
        [endpoint],
        executor='threading',
        serializer=ContextSerializer())
    server.start()
    json_lines.put({'ready': True})
    for _ in json_lines.requests():
        pass
    json_lines.end()


main()
