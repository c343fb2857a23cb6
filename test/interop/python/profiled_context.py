"""Prints the context of an RPC as Ironic's serializer makes it while osprofiler traces, and osprofiler's ids of it.

    profiled_context.py '{"base_id": "<uuid>"}'
"""

import json
import sys

from ironic.common import context
from ironic.common import rpc
from osprofiler import _utils
from osprofiler import profiler


def main():
    options = json.loads(sys.argv[1])
    trace = profiler.init('a-secret-hmac-key', base_id=options['base_id'])
    trace.start('deploy')
    serialized = rpc.RequestContextSerializer(None).serialize_context(context.RequestContext(auth_token='planted-token'))
    print(json.dumps({'context': serialized, 'span_id': format(_utils.shorten_id(trace.get_id()), '016x')}))


main()
