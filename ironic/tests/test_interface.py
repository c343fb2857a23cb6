import inspect
import unittest
from unittest import mock

from ironic.common import exception
from ironic.conf import CONF
from ironic.drivers import base
from openstack.connection import exceptions as sdk_exceptions

from ironic_netprov import interface
from tests import fakes

CHANGES = {
    **{f'{verb}_{kind}_network': '1.0' if kind in ('provisioning', 'cleaning') else '1.1'
       for verb in ('add', 'remove') for kind in ('provisioning', 'cleaning', 'rescuing', 'inspection', 'servicing')},
    'configure_tenant_networks': '1.0',
    'unconfigure_tenant_networks': '1.0',
}


class InterfaceTest(unittest.TestCase):
    def setUp(self):
        self.netprov = interface.NetprovNetwork()
        self.worker = self.netprov._worker = mock.Mock(**{
            'change.return_value': fakes.result(), 'ask.return_value': fakes.result()})
        self.neutron = mock.patch('ironic.common.neutron.get_client').start()
        self.addCleanup(mock.patch.stopall)

    def sent(self, kind='change'):
        """Method, version, deadline and arguments of the only request."""
        call = getattr(self.worker, kind).call_args
        (_, method, version, deadline), arguments = call
        return method, version, deadline, {key: value for key, value in arguments.items() if key != 'task'}

    def failed(self, name, message='no', **fields):
        error = {'class': name, 'module': 'ironic.common.exception', 'message': message}
        self.worker.change.return_value = fakes.result(status='failed', error=error, **fields)

    # The interface as this version of Ironic has it

    def test_has_each_method_with_ironics_arguments(self):
        for name, method in inspect.getmembers(base.NetworkInterface, inspect.isfunction):
            if name.startswith('_') or name not in vars(base.NetworkInterface):
                continue
            with self.subTest(name):
                own = getattr(interface.NetprovNetwork, name)
                self.assertEqual(list(inspect.signature(method).parameters), list(inspect.signature(own).parameters))

    def test_opens_nothing_before_it_is_used(self):
        with mock.patch('oslo_messaging.get_rpc_client') as client, mock.patch('threading.Thread') as thread:
            interface.NetprovNetwork()
        client.assert_not_called()
        thread.assert_not_called()

    def test_service_step_where_ironic_has_such_steps(self):
        def step(priority, requires_ramdisk):
            return lambda method: (priority, requires_ramdisk, method)

        with mock.patch.object(base, 'service_step', step, create=True):
            self.assertEqual((0, False, 'm'), interface.out_of_band_service_step('m'))
        with mock.patch.object(base, 'service_step', lambda priority: None, create=True):
            self.assertEqual('m', interface.out_of_band_service_step('m'))

    # Moves

    def test_each_move_asks_for_the_method_of_its_name(self):
        for method, version in CHANGES.items():
            with self.subTest(method):
                getattr(self.netprov, method)(fakes.task([fakes.port()]))
                self.assertEqual((method, version, 540, {}), self.sent())

    def test_add_notes_and_returns_the_ports_that_stand(self):
        port = fakes.port()
        binding = {'port_uuid': fakes.PORT, 'neutron_port_id': fakes.NEUTRON_PORT}
        for kind in ('provisioning', 'cleaning', 'rescuing', 'inspection', 'servicing'):
            self.worker.change.return_value = fakes.result(bindings=[binding])
            answer = getattr(self.netprov, f'add_{kind}_network')(fakes.task([port]))
            self.assertEqual({fakes.PORT: fakes.NEUTRON_PORT}, answer)
            self.assertEqual({f'{kind}_vif_port_id': fakes.NEUTRON_PORT}, port.internal_info)
            self.worker.change.return_value = fakes.result()
            self.assertIsNone(getattr(self.netprov, f'remove_{kind}_network')(fakes.task([port])))
            self.assertEqual({}, port.internal_info)

    def test_failed_move_notes_what_stands_and_raises_ironics_own_exception(self):
        port = fakes.port()
        self.failed('InvalidParameterValue', bindings=[{'port_uuid': fakes.PORT, 'neutron_port_id': 'left'}])
        with self.assertRaisesRegex(exception.InvalidParameterValue, '^no$'):
            self.netprov.add_cleaning_network(fakes.task([port]))
        self.assertEqual({'cleaning_vif_port_id': 'left'}, port.internal_info)

    def test_move_logs_the_warnings_of_its_result(self):
        warning = {'port_uuid': fakes.PORT, 'kind': 'removal_unproven', 'reason': 'the driver does not say'}
        self.worker.change.return_value = fakes.result(warnings=[warning])
        with self.assertLogs('ironic_netprov', 'WARNING') as logged:
            self.netprov.remove_cleaning_network(fakes.task())
        self.assertEqual(1, len(logged.output))
        self.assertIn('the driver does not say', logged.output[0])

    def test_node_leaves_another_management_network_before_it_goes_on_one(self):
        port = fakes.port(internal_info={'inspection_vif_port_id': 'left', 'tenant_vif_port_id': fakes.VIF})
        binding = {'port_uuid': fakes.PORT, 'neutron_port_id': fakes.NEUTRON_PORT}
        self.worker.change.side_effect = [fakes.result(), fakes.result(bindings=[binding])]
        with self.assertLogs('ironic_netprov', 'WARNING') as logged:
            self.netprov.add_cleaning_network(fakes.task([port]))
        self.assertIn('still on the inspection network', logged.output[0])
        self.assertEqual(['remove_inspection_network', 'add_cleaning_network'],
                         [call[0][1] for call in self.worker.change.call_args_list])
        self.assertEqual({'cleaning_vif_port_id': fakes.NEUTRON_PORT, 'tenant_vif_port_id': fakes.VIF},
                         port.internal_info)

    def test_node_that_cannot_leave_another_management_network_goes_on_none(self):
        port = fakes.port(internal_info={'inspection_vif_port_id': 'left'})
        self.failed('NetworkError', bindings=[{'port_uuid': fakes.PORT, 'neutron_port_id': 'left'}])
        with self.assertRaisesRegex(exception.NetworkError, '^no$'), self.assertLogs('ironic_netprov', 'WARNING'):
            self.netprov.add_cleaning_network(fakes.task([port]))
        self.worker.change.assert_called_once()
        self.assertEqual({'inspection_vif_port_id': 'left'}, port.internal_info)

    def test_node_stays_where_the_same_network_is_added_again(self):
        port = fakes.port(internal_info={'cleaning_vif_port_id': 'left'})
        self.netprov.add_cleaning_network(fakes.task([port]))
        self.worker.change.assert_called_once()

    def test_tenant_networks_leave_the_vif_attached(self):
        port = fakes.port(internal_info={'tenant_vif_port_id': fakes.VIF})
        self.netprov.configure_tenant_networks(fakes.task([port]))
        self.netprov.unconfigure_tenant_networks(fakes.task([port]))
        self.assertEqual([], port.saved)

    def test_ansible_does_not_unbind_by_itself(self):
        port = fakes.port(internal_info={'tenant_vif_port_id': fakes.VIF})
        self.netprov.add_provisioning_network(fakes.task([port], deploy_interface='ansible'))
        self.assertEqual(['unconfigure_tenant_networks', 'add_provisioning_network'],
                         [call[0][1] for call in self.worker.change.call_args_list])

    # VIFs

    def test_vif_attach_reads_the_vif_with_the_users_token_first(self):
        task = fakes.task([fakes.port()])
        self.worker.change.return_value = fakes.result(vifs=[{'id': fakes.VIF, 'port_uuid': fakes.PORT}])
        self.netprov.vif_attach(task, {'id': fakes.VIF, 'port_uuid': fakes.PORT, 'api_version': '1.0'})
        self.neutron.assert_called_once_with(context=task.context)
        self.assertEqual(('vif_attach', '1.1', 50, {'vif_info': {'id': fakes.VIF, 'port_uuid': fakes.PORT}}),
                         self.sent())
        self.assertEqual({'tenant_vif_port_id': fakes.VIF}, task.ports[0].internal_info)

    def test_vif_of_another_project_is_not_attached(self):
        self.neutron.return_value.get_port.side_effect = sdk_exceptions.ResourceNotFound('gone')
        with self.assertRaisesRegex(exception.NetworkError, 'of another project'):
            self.netprov.vif_attach(fakes.task(), {'id': fakes.VIF})
        self.worker.change.assert_not_called()

    def test_vifs_that_are_no_neutron_ports_need_no_check(self):
        CONF.set_override('check_vif', False, group='netprov')
        self.addCleanup(CONF.clear_override, 'check_vif', group='netprov')
        self.worker.change.return_value = fakes.result(vifs=[])
        self.netprov.vif_attach(fakes.task(), {'id': 'a-name'})
        self.neutron.assert_not_called()

    def attached_task(self):
        return fakes.task([fakes.port(internal_info={'tenant_vif_port_id': fakes.VIF})])

    def test_vif_detach_forgets_the_vif(self):
        task = self.attached_task()
        self.worker.change.return_value = fakes.result(vifs=[])
        self.netprov.vif_detach(task, fakes.VIF)
        self.assertEqual(('vif_detach', '1.1', 50, {'vif_id': fakes.VIF}), self.sent())
        self.assertEqual({}, task.ports[0].internal_info)

    def test_vif_that_is_not_attached(self):
        with self.assertRaises(exception.VifNotAttached):
            self.netprov.vif_detach(fakes.task([fakes.port()]), fakes.VIF)
        self.worker.change.assert_not_called()

    def test_vif_that_neutron_has_no_more_is_detached(self):
        self.neutron.return_value.get_port.side_effect = sdk_exceptions.ResourceNotFound('gone')
        self.worker.change.return_value = fakes.result(vifs=[])
        self.netprov.vif_detach(self.attached_task(), fakes.VIF)
        self.worker.change.assert_called_once()

    def test_vif_that_the_user_cannot_see_is_not_detached(self):
        self.neutron.return_value.get_port.side_effect = [sdk_exceptions.ResourceNotFound('hidden'), mock.Mock()]
        with self.assertRaises(exception.NetworkError):
            self.netprov.vif_detach(self.attached_task(), fakes.VIF)
        self.worker.change.assert_not_called()

    # Answers from Ironic's own record

    def test_local_answers_ask_nobody(self):
        task = self.attached_task()
        self.assertEqual([{'id': fakes.VIF}], self.netprov.vif_list(task))
        self.assertEqual(fakes.VIF, self.netprov.get_current_vif(task, task.ports[0]))
        self.assertFalse(self.netprov.need_power_on(task))
        task.ports[0].is_smartnic = True
        self.assertTrue(self.netprov.need_power_on(task))
        self.worker.ask.assert_not_called()

    # Checks

    def test_validate_asks_for_the_networks_that_every_node_needs(self):
        self.netprov.validate(fakes.task())
        self.assertEqual(('validate', '1.1', 50, {}), self.sent('ask'))

    def test_validate_takes_a_port_that_cannot_be_moved(self):
        self.worker.ask.return_value = fakes.result(warnings=[{'port_uuid': fakes.PORT, 'reason': 'no switch'}])
        with self.assertLogs('ironic_netprov', 'WARNING') as logged:
            self.netprov.validate(fakes.task([fakes.port(local_link_connection={})]))
        self.assertIn('no switch', logged.output[0])

    def test_validate_raises_only_what_ironic_catches(self):
        for raised, expected in ((exception.MissingParameterValue('x'), exception.MissingParameterValue),
                                 (exception.InvalidParameterValue('x'), exception.InvalidParameterValue),
                                 (exception.NetworkError('x'), exception.NetworkError),
                                 (exception.Conflict('x'), exception.NetworkError)):
            self.worker.ask.side_effect = raised
            with self.assertRaises(expected):
                self.netprov.validate(fakes.task())

    def test_validate_refuses_a_node_that_is_never_off(self):
        with self.assertRaisesRegex(exception.InvalidParameterValue, 'disable_power_off'):
            self.netprov.validate(fakes.task(disable_power_off=True))

    def test_validate_rescue(self):
        self.netprov.validate_rescue(fakes.task())
        self.assertEqual(('validate', '1.1', 50, {'network_type': 'rescuing'}), self.sent('ask'))

    def test_validate_inspection_without_a_network_is_unmanaged_inspection(self):
        self.netprov.validate_inspection(fakes.task())
        self.assertEqual(('validate', '1.1', 50, {'network_type': 'inspection'}), self.sent('ask'))
        self.worker.ask.side_effect = exception.MissingParameterValue('unset')
        with self.assertRaises(exception.UnsupportedDriverExtension):
            self.netprov.validate_inspection(fakes.task())

    # The others

    def test_network_data_of_the_node_itself_comes_first(self):
        self.assertEqual({'links': [1]}, self.netprov.get_node_network_data(fakes.task(network_data={'links': [1]})))
        self.worker.ask.assert_not_called()
        self.worker.ask.return_value = fakes.result(network_data={'links': [2]})
        self.assertEqual({'links': [2]}, self.netprov.get_node_network_data(fakes.task()))

    def test_port_changed_sends_the_port_as_it_will_be(self):
        task = fakes.task([fakes.port()], [fakes.portgroup()])
        self.netprov.port_changed(task, fakes.port(portgroup_id=7))
        method, version, deadline, arguments = self.sent()
        self.assertEqual(('port_changed', '1.1', 50), (method, version, deadline))
        self.assertEqual(fakes.GROUP, arguments['port_obj']['portgroup_uuid'])

    def test_portgroup_changed_sends_the_portgroup_as_it_will_be(self):
        self.netprov.portgroup_changed(fakes.task(), fakes.portgroup(address='52:54:00:00:00:07'))
        method, _, deadline, arguments = self.sent()
        self.assertEqual(('portgroup_changed', 50), (method, deadline))
        self.assertEqual('52:54:00:00:00:07', arguments['portgroup_obj']['address'])

    def test_reattach_networking(self):
        self.netprov.reattach_networking(fakes.task())
        self.assertEqual(('reattach', '1.1', 540, {}), self.sent())

    def test_properties_name_the_networks(self):
        self.assertIn('cleaning_network', self.netprov.get_properties())
