"""What goes wrong, as Ironic's own exceptions with messages for operators.

Ironic tells its exceptions apart by their classes. Others, such as a timeout of oslo.messaging, would leave a
node in a state in which it is stuck.
"""

import re
from typing import Any, Mapping, Match, Optional

from ironic.common import exception
from ironic.common.i18n import _
import oslo_messaging as messaging

# What oslo.messaging appends to the names of exceptions that came over the wire.
REMOTE = '_Remote'
MODULE = 'ironic.common.exception'

# RabbitMQ's words for a queue or an exchange that is there with other properties. Source: its rabbit_misc.erl,
# assert_args_equivalence and its siblings.
OTHERWISE = re.compile(r"PRECONDITION_FAILED - (.* for (queue|exchange) '([^']+)' in vhost '([^']+)'.*)", re.DOTALL)


def named(name: str, message: str) -> Exception:
    """Ironic's exception of this name; NetworkError where Ironic has none."""
    found = getattr(exception, name, None)
    if not (isinstance(found, type) and issubclass(found, exception.IronicException)):
        found = exception.NetworkError
    try:
        return found(message)
    except TypeError:
        return exception.NetworkError(message)


def in_result(error: Mapping[str, Any]) -> Exception:
    """The error of a failed result."""
    return named(error.get('class', ''), error.get('message') or _('The worker gave no reason.'))


def of_call(error: Exception, method: str, queue: str, timeout: int) -> Exception:
    """The exception for one that oslo.messaging raised when it was asked to call or cast."""
    if isinstance(error, messaging.MessageUndeliverable):
        return exception.NetworkError(
            _('Nobody serves the queue %(queue)s: RabbitMQ cannot deliver %(method)s. Start a '
              'netprov worker with this conductor among its hosts, on the same RabbitMQ and '
              'virtual host, or run "netprov topology declare".')
            % {'queue': queue, 'method': method})
    if isinstance(error, messaging.MessagingTimeout):
        return no_answer(method, queue, timeout)
    if isinstance(error, messaging.MessageDeliveryFailure):
        return exception.NetworkError(
            _('RabbitMQ cannot be reached, so that %(method)s was not sent to the queue '
              '%(queue)s: %(error)s. Try again when RabbitMQ is back.')
            % {'queue': queue, 'method': method, 'error': error})
    name = type(error).__name__
    if isinstance(error, exception.IronicException) and name.endswith(REMOTE):
        # Its text has a traceback; its first argument is the plain message.
        message = str(error.args[0]) if error.args else str(error)
        return named(name[:-len(REMOTE)], message)
    if isinstance(error, messaging.RemoteError):
        return _of_remote(error, method, queue)
    return exception.NetworkError(
        _('%(method)s could not be sent to the queue %(queue)s: %(name)s: %(error)s')
        % {'queue': queue, 'method': method, 'name': name, 'error': error})


def of_results(error: Exception, queue: str) -> Exception:
    """The exception for one that oslo.messaging raised when it was asked to listen for results.

    RabbitMQ has refused it: as long as RabbitMQ is away, oslo.messaging waits.
    """
    found = _first_refusal(error)
    if found is None:
        return exception.NetworkError(
            _('This conductor cannot listen for results on the queue %(queue)s: %(name)s: %(error)s')
            % {'queue': queue, 'name': type(error).__name__, 'error': error})
    reason, kind, name, vhost = found.groups()
    if kind == 'queue':
        remedy = _('delete the queue (rabbitmqctl delete_queue --vhost %(vhost)s %(name)s), and try again.')
    else:
        remedy = _('stop conductors and workers, delete the exchange (rabbitmqadmin --vhost=%(vhost)s delete exchange '
                   'name=%(name)s), and start them again.')
    return exception.NetworkError(
        _('RabbitMQ has the %(kind)s %(name)s, by which results come to this conductor, with other properties than '
          "the conductor's options say: %(reason)s. An option was changed after it was made, or another program made "
          'it. Give all conductors the same amqp_durable_queues, rabbit_quorum_queue and amqp_auto_delete, %(remedy)s')
        % {'kind': kind, 'name': name, 'reason': reason, 'remedy': remedy % {'vhost': vhost, 'name': name}})


def _first_refusal(error: Exception) -> Optional[Match[str]]:
    """RabbitMQ's words in the first of the exceptions that led to this one.

    oslo.messaging 16 and later try again with a non-durable exchange when a queue is refused. That is refused too where
    the exchange is durable, and is no fault of the exchange.
    """
    found = None
    step: Optional[BaseException] = error
    while step is not None:
        found = OTHERWISE.search(str(step)) or found
        step = step.__cause__ or step.__context__
    return found


def lost(method: str, queue: str) -> Exception:
    """No worker has the request, although RabbitMQ took it."""
    return exception.NetworkError(
        _('No netprov worker has %(method)s on record that was sent to the queue %(queue)s: the '
          'request was refused ("netprov dead-letter list" shows it) or lost. Try again.')
        % {'method': method, 'queue': queue})


def no_answer(method: str, queue: str, timeout: int) -> Exception:
    """Nothing came back in time. The request may still be carried out."""
    text = _('No netprov worker answered %(method)s within %(timeout)d s. The request stays in the '
             'queue %(queue)s, and may still be carried out. Check that a worker runs and has '
             'Neutron and its database ("netprov doctor").')
    return exception.NetworkError(text % {'queue': queue, 'method': method, 'timeout': timeout})


def _of_remote(error: Any, method: str, queue: str) -> Exception:
    if is_unknown(error):
        return exception.NetworkError(
            _('The netprov worker of the queue %(queue)s is too old for %(method)s: %(error)s. '
              'Upgrade the worker.') % {'queue': queue, 'method': method, 'error': error.value})
    return exception.NetworkError(
        _('The netprov worker of the queue %(queue)s failed in %(method)s: %(name)s: %(error)s')
        % {'queue': queue, 'method': method, 'name': error.exc_type, 'error': error.value})


def is_unknown(error: Exception) -> bool:
    """Whether the worker does not know the method, or not in this version."""
    return (isinstance(error, messaging.RemoteError)
            and error.exc_type in ('UnsupportedVersion', 'NoSuchMethod'))
