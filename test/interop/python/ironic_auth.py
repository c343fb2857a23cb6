"""Answers as what stands before and in Ironic's API does: its policy engine, keystonemiddleware, ironic_lib's passwords.

Each line of standard input is one question in JSON, each line of standard output the answer.
"""

import json
import logging
import sys

import webob
from ironic.common import context, policy
from ironic.conf import CONF
from ironic_lib import auth_basic
from keystonemiddleware import auth_token

logging.disable(logging.CRITICAL)
CONF([], project="ironic", default_config_files=[])


def allowed(rules, identity, elevated):
    """Which of the rules let somebody, for a node without owner and lessee."""
    CONF.set_override("rbac_service_role_elevated_access", elevated)
    who = context.RequestContext(**identity)
    values = who.to_policy_values()
    target = {**values, "node.owner": None, "node.lessee": None}
    return [rule for rule in rules if policy.check(rule, target, values)]


def answer(app, headers):
    response = webob.Request.blank("/v1/nodes", headers=headers).get_response(app)
    names = ("WWW-Authenticate", "Content-Type")
    return {
        "status": response.status_int,
        "headers": {name.lower(): response.headers[name] for name in names if name in response.headers},
        "body": response.text,
    }


def inside(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b""]


def main():
    settings = json.loads(sys.argv[1])
    keystone = auth_token.AuthProtocol(inside, settings["keystone"])
    basic = auth_basic.BasicAuthMiddleware(inside, settings["password_file"])
    for line in sys.stdin:
        question = json.loads(line)
        if question["ask"] == "allowed":
            reply = {"allowed": allowed(question["rules"], question["identity"], question["elevated"])}
        else:
            reply = answer(keystone if question["ask"] == "keystone" else basic, question["headers"])
        print(json.dumps(reply), flush=True)


main()
