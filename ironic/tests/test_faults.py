import unittest

from ironic.common import exception
import oslo_messaging as messaging

from ironic_netprov import faults

QUEUE = 'ironic.network_provider.conductor-1'


def remote(kind, message):
    """An exception as oslo.messaging makes it of one that came over the wire: its text has the traceback."""
    known = type(kind.__name__ + '_Remote', (kind,), {'__str__': lambda self: f'{message}\nTraceback ...'})
    return known(message)


class FaultsTest(unittest.TestCase):
    def of_call(self, error):
        return faults.of_call(error, 'validate', QUEUE, 50)

    def test_queue_that_nobody_serves(self):
        fault = self.of_call(messaging.MessageUndeliverable(None, None, None, None))
        self.assertIs(exception.NetworkError, type(fault))
        self.assertIn(QUEUE, str(fault))
        self.assertIn('Start a netprov worker', str(fault))

    def test_no_answer_in_time(self):
        fault = self.of_call(messaging.MessagingTimeout())
        self.assertIs(exception.NetworkError, type(fault))
        self.assertIn('within 50 s', str(fault))
        self.assertIn('may still be carried out', str(fault))

    def test_broker_that_is_away(self):
        fault = self.of_call(messaging.MessageDeliveryFailure('refused'))
        self.assertIs(exception.NetworkError, type(fault))
        self.assertIn('RabbitMQ cannot be reached', str(fault))

    def test_ironics_own_exceptions_without_the_traceback(self):
        for kind in (exception.NetworkError, exception.MissingParameterValue, exception.VifInvalidForAttach):
            fault = self.of_call(remote(kind, 'plain'))
            self.assertIs(kind, type(fault))
            self.assertEqual('plain', str(fault))

    def test_worker_that_is_too_old(self):
        for name in ('UnsupportedVersion', 'NoSuchMethod'):
            fault = self.of_call(messaging.RemoteError(name, '1.1 is not served'))
            self.assertIs(exception.NetworkError, type(fault))
            self.assertIn('too old', str(fault))

    def test_anything_else_is_a_network_error_too(self):
        for error in (messaging.RemoteError('KeyError', 'x'), AttributeError('_metrics_api'), OSError('x')):
            self.assertIs(exception.NetworkError, type(self.of_call(error)))

    def test_error_of_a_result(self):
        fault = faults.in_result({'class': 'InvalidParameterValue', 'message': 'wrong'})
        self.assertIs(exception.InvalidParameterValue, type(fault))
        self.assertEqual('wrong', str(fault))

    def test_error_of_a_result_that_ironic_does_not_know(self):
        for error in ({'class': 'Unheard', 'message': 'wrong'}, {'class': '_', 'message': 'wrong'},
                      {'class': 'LOG', 'message': 'wrong'}):
            self.assertIs(exception.NetworkError, type(faults.in_result(error)))
        self.assertIn('no reason', str(faults.in_result({})))

    def test_queue_of_results_with_other_properties(self):
        words = ("Unable to connect to AMQP server on rabbit:5672 after inf tries: Queue.declare: (406) "
                 "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'results' in vhost '/iron': "
                 "received 'true' but current is 'false'")
        fault = faults.of_results(messaging.MessageDeliveryFailure(words), 'results.conductor-1')
        self.assertIs(exception.NetworkError, type(fault))
        self.assertIn("inequivalent arg 'durable' for queue 'results' in vhost '/iron': received 'true'", str(fault))
        self.assertIn('amqp_durable_queues', str(fault))
        self.assertIn('rabbitmqctl delete_queue --vhost /iron results', str(fault))
        self.assertNotIn('Unable to connect', str(fault))

    def test_exchange_of_results_with_other_properties(self):
        words = ("PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'ironic' in vhost "
                 "'/': received 'true' but current is 'false'")
        fault = faults.of_results(messaging.MessageDeliveryFailure(words), 'results.conductor-1')
        self.assertIn('stop conductors and workers', str(fault))
        self.assertIn('rabbitmqadmin --vhost=/ delete exchange name=ironic', str(fault))

    def test_queue_of_results_that_is_refused_for_another_reason(self):
        fault = faults.of_results(messaging.MessageDeliveryFailure('ACCESS_REFUSED'), 'results.conductor-1')
        self.assertIs(exception.NetworkError, type(fault))
        self.assertIn('results.conductor-1: MessageDeliveryFailure: ACCESS_REFUSED', str(fault))

    def test_queue_that_is_the_reason_and_not_the_exchange_that_is_tried_in_its_place(self):
        words = "PRECONDITION_FAILED - inequivalent arg 'durable' for %s in vhost '/': received 'true'"
        try:
            try:
                raise OSError(words % "queue 'results'")
            except OSError:
                try:
                    raise OSError(words % "exchange 'ironic'")
                except OSError as error:
                    raise messaging.MessageDeliveryFailure(f'Unable to connect: {error}')
        except messaging.MessageDeliveryFailure as error:
            self.assertIn('rabbitmqctl delete_queue --vhost / results', str(faults.of_results(error, 'x')))
