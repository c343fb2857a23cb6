"""The results of casts: workers cast them to this conductor, to ``<topic>_results.<host>``."""

import atexit
import contextlib
import threading
from typing import Any, Dict, Iterator, Optional

from ironic.common import rpc
from oslo_log import log
import oslo_messaging as messaging

from ironic_netprov import faults

LOG = log.getLogger(__name__)


class Waiter:
    """Waits for the result of one request."""

    def __init__(self) -> None:
        self._arrived = threading.Event()
        self._result: Optional[Dict[str, Any]] = None

    def arrive(self, result: Dict[str, Any]) -> None:
        """Takes the first result; a repeat says the same."""
        if self._result is None:
            self._result = result
        self._arrived.set()

    def wait(self, seconds: float) -> Optional[Dict[str, Any]]:
        """The result; None if it does not come in time."""
        self._arrived.wait(seconds)
        return self._result


class ResultEndpoint:
    """Hands each result to whoever waits for it.

    A result says by the id of its request which one it answers. It may come twice, or too late: nobody waits for it
    then, and the next operation of the node finds out what stands.
    """

    target = messaging.Target(version='1.0')

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: Dict[str, Waiter] = {}

    @contextlib.contextmanager
    def expected(self, request_id: str) -> Iterator[Waiter]:
        """Expects the result of a request, from before it is sent."""
        waiter = Waiter()
        with self._lock:
            self._waiters[request_id] = waiter
        try:
            yield waiter
        finally:
            with self._lock:
                self._waiters.pop(request_id, None)

    def port_binding_result(self, context: Any, result: Dict[str, Any]) -> None:
        """A worker says how an operation ended."""
        with self._lock:
            waiter = self._waiters.get(context.request_id)
        if waiter is not None:
            waiter.arrive(result)
            return
        LOG.info('Nobody waits for the result of %(method)s of node %(node)s (request '
                 '%(request)s, %(status)s): it came twice, or too late.',
                 {'method': result.get('method'), 'node': result.get('node_uuid'),
                  'request': context.request_id, 'status': result.get('status')})


def serve(endpoint: ResultEndpoint, topic: str, host: str) -> Any:
    """Starts the server for results, until the process ends.

    :raises: NetworkError when RabbitMQ refuses a queue of results
    """
    target = messaging.Target(topic=f'{topic}_results', server=host)
    # Ironic's own function chooses the executor: green threads or native ones, by its version.
    server = rpc.get_server(target, [endpoint])
    try:
        server.start()
    except Exception as error:
        raise faults.of_results(error, f'{topic}_results.{host}') from error
    # Ironic has no hook to stop what an interface has started.
    atexit.register(server.stop)
    LOG.info('Waiting for the results of network operations on %s_results.%s', topic, host)
    return server
