import types
import unittest
from unittest import mock

from ironic.common import exception
from ironic.common import rpc
from ironic.conf import CONF
import oslo_messaging as messaging

from ironic_netprov import interface  # noqa: F401, it registers the options
from ironic_netprov import worker
from tests import fakes


class WorkerTest(unittest.TestCase):
    def setUp(self):
        CONF.set_override('host', 'conductor-1')
        self.addCleanup(CONF.clear_override, 'host')
        self.addCleanup(mock.patch.stopall)
        mock.patch.object(rpc, 'TRANSPORT', mock.sentinel.transport).start()
        self.server = mock.patch.object(rpc, 'get_server').start()
        self.client = mock.patch.object(messaging, 'get_rpc_client').start()
        self.prepared = self.client.return_value.prepare
        self.cast = self.prepared.return_value.cast
        self.call = self.prepared.return_value.call
        mock.patch('atexit.register').start()
        self.context = fakes.task().context
        self.worker = worker.Worker()

    def answered(self, *results):
        """Has each cast followed by these results at once."""
        def answer(context, method, **arguments):
            endpoint = self.server.call_args[0][1][0]
            for result in results:
                endpoint.port_binding_result(types.SimpleNamespace(request_id=context['request_id']), result)
        self.cast.side_effect = answer

    def change(self, deadline=1):
        task = {'node': {'uuid': fakes.NODE}}
        return self.worker.change(self.context, 'add_cleaning_network', '1.0', deadline, task=task)

    def override(self, option, value):
        CONF.set_override(option, value, group='netprov')
        self.addCleanup(CONF.clear_override, option, group='netprov')

    def test_cast_is_mandatory_and_goes_to_this_conductors_queue(self):
        self.answered(fakes.result())
        self.change()
        (transport, target), options = self.client.call_args
        self.assertEqual((mock.sentinel.transport, 'ironic.network_provider', 'conductor-1'),
                         (transport, target.topic, target.server))
        self.assertTrue(options['transport_options'].at_least_once)
        self.assertEqual('1.0', self.prepared.call_args[1]['version'])

    def test_context_has_ids_alone_and_each_request_its_own(self):
        self.answered(fakes.result())
        self.change()
        self.change()
        first, second = [call[0][0] for call in self.cast.call_args_list]
        self.assertEqual({'request_id', 'global_request_id'}, set(first))
        self.assertEqual('req-user', first['global_request_id'])
        self.assertNotEqual(first['request_id'], second['request_id'])

    def test_results_are_served_on_a_topic_of_this_conductor_once(self):
        self.answered(fakes.result())
        self.change()
        self.change()
        self.server.assert_called_once()
        target = self.server.call_args[0][0]
        self.assertEqual(('ironic.network_provider_results', 'conductor-1'), (target.topic, target.server))

    def test_first_result_counts(self):
        self.answered(fakes.result(status='failed'), fakes.result())
        self.assertEqual('failed', self.change()['status'])

    def test_late_result_disturbs_nobody(self):
        self.answered(fakes.result())
        self.change()
        endpoint = self.server.call_args[0][1][0]
        endpoint.port_binding_result(types.SimpleNamespace(request_id='req-gone'), fakes.result())

    def test_no_result_in_time(self):
        self.override('ask_after', 1)
        self.call.side_effect = messaging.MessagingTimeout()
        with self.assertLogs('ironic_netprov', 'WARNING'), self.assertRaisesRegex(
                exception.NetworkError, 'within 3 s.*ironic.network_provider.conductor-1'):
            self.change(deadline=3)

    def test_result_that_was_lost_is_asked_for(self):
        self.override('ask_after', 1)
        self.call.return_value = fakes.result(status='failed')
        self.assertEqual('failed', self.change(deadline=60)['status'])
        (context, method), arguments = self.call.call_args
        sent = self.cast.call_args[0][0]
        self.assertEqual('operation_result', method)
        self.assertEqual({'node_id': fakes.NODE, 'request_id': sent['request_id']}, arguments)
        self.assertNotEqual(sent['request_id'], context['request_id'])

    def test_request_that_no_worker_has(self):
        self.override('ask_after', 1)
        self.call.return_value = None
        with self.assertRaisesRegex(exception.NetworkError, 'refused .* or lost'):
            self.change(deadline=60)

    def test_result_that_comes_while_it_is_asked_for(self):
        def late(*_, **arguments):
            endpoint = self.server.call_args[0][1][0]
            endpoint.port_binding_result(types.SimpleNamespace(request_id=arguments['request_id']), fakes.result())

        self.override('ask_after', 1)
        self.call.side_effect = late
        self.assertEqual('succeeded', self.change(deadline=60)['status'])

    def test_older_worker_does_not_know_the_question(self):
        self.override('ask_after', 1)
        self.call.side_effect = messaging.RemoteError('UnsupportedVersion', '1.2 is not served')
        with self.assertLogs('ironic_netprov', 'WARNING') as logged, self.assertRaisesRegex(
                exception.NetworkError, 'No netprov worker answered'):
            self.change(deadline=3)
        self.assertIn('too old', logged.output[0])

    def test_cast_that_no_queue_takes(self):
        self.cast.side_effect = messaging.MessageUndeliverable(None, None, None, None)
        with self.assertRaisesRegex(exception.NetworkError, 'Nobody serves the queue'):
            self.change(deadline=60)

    def test_mode_call(self):
        self.override('mode', 'call')
        self.call.return_value = fakes.result()
        self.assertEqual(fakes.result(), self.change(deadline=400))
        self.cast.assert_not_called()
        self.server.assert_not_called()
        self.assertEqual(400, self.prepared.call_args[1]['timeout'])

    def ask(self, deadline=50):
        return self.worker.ask(self.context, 'validate', '1.1', deadline, task={})

    def test_question_is_a_cast(self):
        self.answered(fakes.result())
        self.assertEqual(fakes.result(), self.ask())
        self.assertEqual('validate', self.cast.call_args[0][1])
        self.call.assert_not_called()

    def test_question_that_fails(self):
        error = {'class': 'InvalidParameterValue', 'message': 'no such network'}
        self.answered(fakes.result(status='failed', error=error))
        with self.assertRaisesRegex(exception.InvalidParameterValue, 'no such network'):
            self.ask()

    def test_question_without_a_result_is_a_call(self):
        self.override('ask_after', 1)
        self.call.return_value = fakes.result()
        self.assertEqual(fakes.result(), self.ask())
        self.assertEqual('validate', self.call.call_args[0][1])
        self.assertEqual(49, self.prepared.call_args[1]['timeout'])

    def test_question_that_nobody_answers(self):
        self.override('ask_after', 1)
        self.call.side_effect = messaging.MessagingTimeout()
        with self.assertRaisesRegex(exception.NetworkError, 'within 50 s'):
            self.ask()

    def test_question_in_mode_call(self):
        self.override('mode', 'call')
        self.call.return_value = fakes.result()
        self.assertEqual(fakes.result(), self.ask())
        self.cast.assert_not_called()
        self.server.assert_not_called()

    def test_child_process_opens_a_client_of_its_own(self):
        self.answered(fakes.result())
        self.change()
        with mock.patch('os.getpid', return_value=-1):
            self.change()
        self.assertEqual(2, self.client.call_count)

    def test_ironic_without_a_message_queue(self):
        with mock.patch.object(rpc, 'TRANSPORT', None), self.assertRaisesRegex(exception.NetworkError, 'transport_url'):
            self.change()

    def test_queue_of_results_that_rabbitmq_refuses_is_said_at_once_and_tried_again(self):
        words = "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'results' in vhost '/': received 'true'"
        start = self.server.return_value.start
        start.side_effect = messaging.MessageDeliveryFailure(words)
        for request in (self.change, self.ask):
            with self.assertRaisesRegex(exception.NetworkError, '^RabbitMQ has the queue results'):
                request()
        self.cast.assert_not_called()
        self.call.assert_not_called()
        start.side_effect = None
        self.answered(fakes.result())
        self.assertEqual('succeeded', self.change()['status'])
