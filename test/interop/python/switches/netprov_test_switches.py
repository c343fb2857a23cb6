"""A mechanism driver with a switch that is a file.

It plugs and unplugs switch ports when networking-generic-switch would: a port that becomes bound is plugged, one that is
unbound or deleted is unplugged, whatever else is bound on the same switch port. While the switch cannot be reached, it
raises an error, as that driver does.
Source: networking_generic_switch/generic_switch_mech.py, bind_port, update_port_postcommit and delete_port_postcommit.
"""

import json
import os

from neutron.db import provisioning_blocks
from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import resources
from neutron_lib import constants
from neutron_lib.plugins.ml2 import api

ENTITY = "NETPROV_TEST_SWITCHES"


def bound(port):
    return port[portbindings.VIF_TYPE] == portbindings.VIF_TYPE_OTHER


class SwitchInAFile(api.MechanismDriver):
    def initialize(self):
        self.path = os.environ["NETPROV_TEST_SWITCH"]
        # Otherwise another driver binds the ports, and this one only plugs them.
        self.binds = "NETPROV_TEST_SWITCH_BINDS" in os.environ

    @property
    def connectivity(self):
        """Otherwise Neutron would not bind a port without an address, as those on a quarantine network are."""
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context):
        port = context.current
        if not self.binds or port[portbindings.VNIC_TYPE] != portbindings.VNIC_BAREMETAL:
            return
        provisioning_blocks.add_provisioning_component(
            context._plugin_context, port[api.ID], resources.PORT, ENTITY
        )
        context.set_binding(context.segments_to_bind[0][api.ID], portbindings.VIF_TYPE_OTHER, {})

    def update_port_postcommit(self, context):
        port = context.current
        if bound(port):
            # The status changes once more when the binding is done; the switch port was plugged by then.
            if port["status"] != constants.PORT_STATUS_ACTIVE:
                self.note("plug", port)
                if self.binds:
                    provisioning_blocks.provisioning_complete(
                        context._plugin_context, port[api.ID], resources.PORT, ENTITY
                    )
        elif bound(context.original):
            self.note("unplug", context.original)

    def delete_port_postcommit(self, context):
        if bound(context.current):
            self.note("unplug", context.current)

    def note(self, change, port):
        if os.path.exists(self.path + ".away"):
            raise ConnectionError("the switch cannot be reached")
        links = port[portbindings.PROFILE].get("local_link_information") or []
        with open(self.path, "a", encoding="utf-8") as file:
            for link in links:
                line = {
                    "change": change,
                    "switch_port": link.get("port_id"),
                    "port": port["id"],
                    "network": port["network_id"],
                }
                file.write(json.dumps(line) + "\n")
