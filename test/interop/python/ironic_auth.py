"""Answers as Ironic's API does, with keystonemiddleware before it: whoever may not come in. And as its policy engine and
its middleware for passwords do.

The only argument has the settings, each line of standard input one question, each line of standard output the answer, all in
JSON. Ironic's database is one without tables: no question here gets that far.
"""

import json
import logging
import os
import sys
import tempfile

import webob
from ironic.api import app as ironic_api
from ironic.common import context, policy, service
from ironic.conf import CONF
from oslo_policy import policy as oslo_policy

try:
    from ironic.common import auth_basic
except ImportError:  # before Ironic 27
    from ironic_lib import auth_basic


def configure(folder, keystone):
    """Ironic reads files alone; neither the system's own nor the directories beside it are wanted."""
    file = os.path.join(folder, "ironic.conf")
    with open(file, "w") as out:
        out.write(f"[DEFAULT]\nauth_strategy = keystone\ntransport_url = fake:/\n[database]\nconnection = sqlite:///{folder}/db\n")
        out.write("[keystone_authtoken]\n")
        out.writelines(f"{name} = {value}\n" for name, value in keystone.items() if value is not None)
    service.prepare_service("ironic-api", ["ironic-api", "--config-file", file, "--config-dir", folder])
    logging.disable(logging.CRITICAL)
    # Newer versions know the options of their policy only from then on.
    policy.init_enforcer()


def allowed(cases, elevated, scope, new_defaults):
    """Which of its rules let somebody, in each case, for a node with this owner and lessee."""
    CONF.set_override("rbac_service_role_elevated_access", elevated)
    CONF.set_override("enforce_scope", scope, group="oslo_policy")
    if CONF.oslo_policy.enforce_new_defaults != new_defaults:
        # The rules of before are put beside the others when the engine starts.
        CONF.set_override("enforce_new_defaults", new_defaults, group="oslo_policy")
        policy._ENFORCER = None
    return [allowed_in(**case) for case in cases]


def allowed_in(rules, identity, node):
    values = context.RequestContext(**identity).to_policy_values()
    target = {**values, **{f"node.{name}": project for name, project in node.items() if project}}
    return [rule for rule in rules if permits(rule, target, values)]


def permits(rule, target, values):
    try:
        return policy.check(rule, target, values)
    except oslo_policy.InvalidScope:
        return False


def answer(app, method, path, headers):
    response = webob.Request.blank(path, method=method, headers=headers).get_response(app)
    return {
        "status": response.status_int,
        "headers": {name.lower(): value for name, value in response.headers.items()},
        "body": response.text,
    }


def inside(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b"null"]


def main():
    settings = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        configure(folder, settings["keystone"])
        apps = {
            "ironic": ironic_api.VersionSelectorApplication(),
            "basic": auth_basic.BasicAuthMiddleware(inside, settings["password_file"]),
        }
        for line in sys.stdin:
            question = json.loads(line)
            if "app" in question:
                reply = answer(apps[question.pop("app")], **question)
            else:
                reply = {"allowed": allowed(**question)}
            print(json.dumps(reply), flush=True)


main()
