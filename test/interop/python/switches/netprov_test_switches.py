"""A mechanism driver with a switch that is a file.

It plugs and unplugs switch ports when networking-generic-switch would: a port that becomes bound is plugged, one that is
unbound or deleted is unplugged, whatever else is bound on the same switch port.
Source: networking_generic_switch/generic_switch_mech.py, update_port_postcommit and delete_port_postcommit.
"""

import json
import os

from neutron_lib.api.definitions import portbindings
from neutron_lib import constants
from neutron_lib.plugins.ml2 import api


def bound(port):
    return port[portbindings.VIF_TYPE] == portbindings.VIF_TYPE_OTHER


class SwitchInAFile(api.MechanismDriver):
    def initialize(self):
        self.path = os.environ["NETPROV_TEST_SWITCH"]

    def update_port_postcommit(self, context):
        port = context.current
        if bound(port):
            # The status changes once more when the binding is done; the switch port was plugged by then.
            if port["status"] != constants.PORT_STATUS_ACTIVE:
                self.note("plug", port)
        elif bound(context.original):
            self.note("unplug", context.original)

    def delete_port_postcommit(self, context):
        if bound(context.current):
            self.note("unplug", context.current)

    def note(self, change, port):
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
