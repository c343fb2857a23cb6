"""The workers, as the interface sees them: questions and changes."""

import os
import threading
import time
from typing import Any, Callable, Dict, Optional

from ironic.common import exception
from ironic.common import rpc
from ironic.conf import CONF
from oslo_log import log
import oslo_messaging as messaging
from oslo_utils import uuidutils

from ironic_netprov import faults
from ironic_netprov import results

LOG = log.getLogger(__name__)

# How often sending is tried again while RabbitMQ is away, with pauses of 1, 3, 5 ... seconds.
RETRIES = 4

Json = Dict[str, Any]


class Worker:
    """Sends requests to the workers of this conductor's queue.

    Nothing is opened before the first request: Ironic makes interfaces in processes that never send one, and may
    start its conductor as a child of the process that made them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Optional[int] = None
        self._client: Any = None
        self._results: Optional[results.ResultEndpoint] = None
        self._server: Any = None

    @property
    def queue(self) -> str:
        """Name of the queue from which the workers of this conductor take requests."""
        return f'{CONF.netprov.topic}.{CONF.host}'

    def ask(self, context: Any, method: str, version: str, deadline: int, **arguments: Any) -> Json:
        """A cast of a question, and the wait for its result; a call, where none comes or the option mode says so.

        A call alone would do, but takes half a second at least: since 14.8, oslo.messaging looks every 0.5 s whether
        the reply is there.

        :param deadline: seconds
        :returns: the result, which has succeeded
        :raises: Ironic's exceptions alone
        """
        def call(end: float, waiter: results.Waiter) -> Json:
            return self._call(_identity(context), method, version, deadline, arguments, _left(end))

        result = self._request(_identity(context), method, version, deadline, arguments, call)
        if result['status'] != 'succeeded':
            raise faults.in_result(result.get('error') or {})
        return result

    def change(self, context: Any, method: str, version: str, deadline: int,
               *, task: Json, **arguments: Any) -> Json:
        """A cast, and the wait for its result; or a call, where the option mode says so.

        :param deadline: seconds
        :param task: the node, with its ports and portgroups
        :returns: the result, whose status may be ``failed``
        :raises: NetworkError when there is no result, and with mode ``call`` all of Ironic's exceptions
        """
        identity = _identity(context)

        def ask_again(end: float, waiter: results.Waiter) -> Optional[Json]:
            return self._ask_again(identity, task['node']['uuid'], method, end, waiter)

        return self._request(identity, method, version, deadline, {'task': task, **arguments}, ask_again)

    def _request(self, identity: Json, method: str, version: str, deadline: int, arguments: Json,
                 otherwise: Callable[[float, results.Waiter], Optional[Json]]) -> Json:
        """A cast, and the wait for its result; or a call, where the option mode says so.

        :param otherwise: gets the result of a cast in another way, when it has not come for a while
        :raises: NetworkError when there is no result, and with mode ``call`` all of Ironic's exceptions
        """
        if CONF.netprov.mode == 'call':
            return self._call(identity, method, version, deadline, arguments)
        end = time.monotonic() + deadline
        with self._endpoint().expected(identity['request_id']) as waiter:
            self._send(identity, method, version, deadline, arguments)
            pause = min(CONF.netprov.ask_after, deadline / 2)
            while time.monotonic() < end:
                result = waiter.wait(min(pause, max(0, end - time.monotonic())))
                if result is None and time.monotonic() < end:
                    result = otherwise(end, waiter)
                if result is not None:
                    return result
        raise faults.no_answer(method, self.queue, deadline)

    def _ask_again(self, identity: Json, node: str, method: str, end: float,
                   waiter: results.Waiter) -> Optional[Json]:
        """Asks for the result of a request, without having anything done.

        The answer comes once all that the node was asked before has ended.

        :returns: the result; None when nobody could say
        :raises: NetworkError when no worker has the request
        """
        question = {'request_id': f'req-{uuidutils.generate_uuid()}', 'global_request_id': identity['request_id']}
        timeout = _left(end)
        try:
            answer = self._prepared('1.2', timeout).call(
                question, 'operation_result', node_id=node, request_id=identity['request_id'])
        except Exception as error:
            # An older worker does not know the question. The result itself may still come.
            LOG.warning('The result of %(method)s of node %(node)s could not be asked for: %(error)s',
                        {'method': method, 'node': node, 'error': faults.of_call(error, method, self.queue, timeout)})
            return waiter.wait(0)
        # It may have come in the meantime.
        came = waiter.wait(0)
        if came is not None:
            return came
        if answer is None:
            raise faults.lost(method, self.queue)
        # The worker answers when it is done, so this is what a long operation looks like too.
        LOG.info('The result of %(method)s of node %(node)s was asked for, because it had not come by itself: the '
                 'operation took longer than ask_after, or its result was lost.', {'method': method, 'node': node})
        return answer

    def _send(self, identity: Json, method: str, version: str, deadline: int,
              arguments: Json) -> None:
        client = self._prepared(version, deadline)
        try:
            client.cast(identity, method, **arguments)
        except Exception as error:
            raise self._fault(error, method, deadline) from error

    def _call(self, identity: Json, method: str, version: str, deadline: int,
              arguments: Json, timeout: Optional[int] = None) -> Json:
        client = self._prepared(version, timeout or deadline)
        try:
            return client.call(identity, method, **arguments)
        except Exception as error:
            raise self._fault(error, method, deadline) from error

    def _fault(self, error: Exception, method: str, deadline: int) -> Exception:
        LOG.debug('%(method)s through the queue %(queue)s failed', {
            'method': method, 'queue': self.queue}, exc_info=error)
        return faults.of_call(error, method, self.queue, deadline)

    def _prepared(self, version: str, deadline: int) -> Any:
        self._open()
        # No call_monitor_timeout: a worker gives signs of life only once it has the message, and a request may wait in
        # the queue for longer, or for another worker.
        return self._client.prepare(version=version, timeout=deadline, retry=RETRIES)

    def _endpoint(self) -> results.ResultEndpoint:
        self._open()
        assert self._results is not None
        return self._results

    def _open(self) -> None:
        with self._lock:
            if self._process == os.getpid():
                return
            if rpc.TRANSPORT is None:
                raise exception.NetworkError('Ironic has no message queue: set transport_url.')
            topic, host = CONF.netprov.topic, CONF.host
            self._client = messaging.get_rpc_client(
                rpc.TRANSPORT, messaging.Target(topic=topic, server=host),
                # Without it, RabbitMQ drops a request for which no queue is there.
                transport_options=messaging.TransportOptions(at_least_once=True))
            if CONF.netprov.mode == 'cast':
                self._results = results.ResultEndpoint()
                self._server = results.serve(self._results, topic, host)
            self._process = os.getpid()


def _left(end: float) -> int:
    """Whole seconds until a time of the monotonic clock, at least 1."""
    return max(1, round(end - time.monotonic()))


def _identity(context: Any) -> Json:
    """The context of a request: ids alone. Ironic's has the user's token and catalog.

    Each request has an id of its own, by which its result is told from all others. The one of the user's request
    goes along, for logs and for Neutron.
    """
    user = getattr(context, 'global_id', None) or getattr(context, 'request_id', None)
    return {'request_id': f'req-{uuidutils.generate_uuid()}', 'global_request_id': user}
