import unittest
from unittest import mock

from ironic.common import driver_factory
from ironic.drivers import fake_hardware
from ironic.drivers import generic
from ironic.drivers import ipmi
from ironic.drivers import redfish

from ironic_netprov import hardware
from ironic_netprov import interface


class OverridingHardware(generic.ManualManagementHardware):
    """A hardware type with a list of its own, as another project may have it."""

    @property
    def supported_network_interfaces(self):
        """Its own."""
        return super().supported_network_interfaces[:1]


class HardwareTest(unittest.TestCase):
    def test_ironic_finds_it_right_for_its_hardware_types(self):
        netprov = interface.NetprovNetwork()
        factory = mock.Mock(return_value=mock.Mock(**{'get_driver.return_value': netprov}))
        with mock.patch.dict(driver_factory._INTERFACE_LOADERS, network=factory):
            for kind in (fake_hardware.FakeHardware, ipmi.IPMIHardware, redfish.RedfishHardware):
                with self.subTest(kind.__name__):
                    self.assertIs(netprov, driver_factory.get_interface(kind(), 'network', 'netprov'))

    def test_it_is_the_last_choice(self):
        interface.NetprovNetwork()
        for kind in (ipmi.IPMIHardware, redfish.RedfishHardware, generic.ManualManagementHardware):
            self.assertIs(interface.NetprovNetwork, kind().supported_network_interfaces[-1])

    def test_hardware_type_with_a_list_of_its_own_accepts_it(self):
        interface.NetprovNetwork()
        listed = OverridingHardware().supported_network_interfaces
        self.assertEqual(1, listed.count(interface.NetprovNetwork))
        self.assertEqual('Its own.', OverridingHardware.supported_network_interfaces.__doc__)

    def test_twice_is_once(self):
        interface.NetprovNetwork()
        interface.NetprovNetwork()
        hardware.accept(interface.NetprovNetwork)
        listed = ipmi.IPMIHardware().supported_network_interfaces
        self.assertEqual(1, listed.count(interface.NetprovNetwork))
