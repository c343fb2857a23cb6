/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
"use strict";

var $protobuf = require("protobufjs/light");

var $root = ($protobuf.roots["default"] || ($protobuf.roots["default"] = new $protobuf.Root()))
.addJSON({
  "ironic": {
    "nested": {
      "network_provider": {
        "nested": {
          "v1": {
            "nested": {
              "NetworkProvider": {
                "methods": {
                  "add_provisioning_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "remove_provisioning_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "add_cleaning_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "remove_cleaning_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "configure_tenant_networks": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "unconfigure_tenant_networks": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "add_rescuing_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "remove_rescuing_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "add_inspection_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "remove_inspection_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "add_servicing_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "remove_servicing_network": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "validate": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "vif_attach": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "vif_detach": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "vif_list": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "get_current_vif": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "port_changed": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "portgroup_changed": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "need_power_on": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "get_node_network_data": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "update_dhcp_options": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "reattach": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "reconcile": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  },
                  "operation_result": {
                    "requestType": "Task",
                    "responseType": "OperationResult"
                  }
                }
              },
              "Task": {
                "fields": {
                  "node": {
                    "type": "Node",
                    "id": 1
                  },
                  "ports": {
                    "rule": "repeated",
                    "type": "Port",
                    "id": 2
                  },
                  "portgroups": {
                    "rule": "repeated",
                    "type": "Portgroup",
                    "id": 3
                  }
                }
              },
              "Node": {
                "oneofs": {
                  "_name": {
                    "oneof": [
                      "name"
                    ]
                  },
                  "_network_provider": {
                    "oneof": [
                      "network_provider"
                    ]
                  },
                  "_instance_uuid": {
                    "oneof": [
                      "instance_uuid"
                    ]
                  },
                  "_provision_state": {
                    "oneof": [
                      "provision_state"
                    ]
                  },
                  "_boot_interface": {
                    "oneof": [
                      "boot_interface"
                    ]
                  },
                  "_network_interface": {
                    "oneof": [
                      "network_interface"
                    ]
                  },
                  "_pxe_boot": {
                    "oneof": [
                      "pxe_boot"
                    ]
                  }
                },
                "fields": {
                  "uuid": {
                    "type": "string",
                    "id": 1
                  },
                  "name": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "network_provider": {
                    "type": "string",
                    "id": 3,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "instance_uuid": {
                    "type": "string",
                    "id": 4,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "driver_info": {
                    "type": "google.protobuf.Struct",
                    "id": 5
                  },
                  "instance_info": {
                    "type": "google.protobuf.Struct",
                    "id": 6
                  },
                  "provision_state": {
                    "type": "string",
                    "id": 7,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "boot_interface": {
                    "type": "string",
                    "id": 8,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "network_data": {
                    "type": "google.protobuf.Struct",
                    "id": 9
                  },
                  "network_interface": {
                    "type": "string",
                    "id": 10,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "pxe_boot": {
                    "type": "bool",
                    "id": 11,
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              },
              "Port": {
                "oneofs": {
                  "_portgroup_uuid": {
                    "oneof": [
                      "portgroup_uuid"
                    ]
                  },
                  "_pxe_enabled": {
                    "oneof": [
                      "pxe_enabled"
                    ]
                  },
                  "_physical_network": {
                    "oneof": [
                      "physical_network"
                    ]
                  },
                  "_is_smartnic": {
                    "oneof": [
                      "is_smartnic"
                    ]
                  }
                },
                "fields": {
                  "uuid": {
                    "type": "string",
                    "id": 1
                  },
                  "address": {
                    "type": "string",
                    "id": 2
                  },
                  "portgroup_uuid": {
                    "type": "string",
                    "id": 3,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "pxe_enabled": {
                    "type": "bool",
                    "id": 4,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "local_link_connection": {
                    "type": "google.protobuf.Struct",
                    "id": 5
                  },
                  "physical_network": {
                    "type": "string",
                    "id": 6,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "is_smartnic": {
                    "type": "bool",
                    "id": 7,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "internal_info": {
                    "type": "google.protobuf.Struct",
                    "id": 8
                  },
                  "extra": {
                    "type": "google.protobuf.Struct",
                    "id": 9
                  }
                }
              },
              "Portgroup": {
                "oneofs": {
                  "_name": {
                    "oneof": [
                      "name"
                    ]
                  },
                  "_address": {
                    "oneof": [
                      "address"
                    ]
                  },
                  "_mode": {
                    "oneof": [
                      "mode"
                    ]
                  },
                  "_standalone_ports_supported": {
                    "oneof": [
                      "standalone_ports_supported"
                    ]
                  },
                  "_physical_network": {
                    "oneof": [
                      "physical_network"
                    ]
                  }
                },
                "fields": {
                  "uuid": {
                    "type": "string",
                    "id": 1
                  },
                  "name": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "address": {
                    "type": "string",
                    "id": 3,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "mode": {
                    "type": "string",
                    "id": 4,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "properties": {
                    "type": "google.protobuf.Struct",
                    "id": 5
                  },
                  "standalone_ports_supported": {
                    "type": "bool",
                    "id": 6,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "physical_network": {
                    "type": "string",
                    "id": 7,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "internal_info": {
                    "type": "google.protobuf.Struct",
                    "id": 8
                  },
                  "extra": {
                    "type": "google.protobuf.Struct",
                    "id": 9
                  }
                }
              },
              "Vif": {
                "oneofs": {
                  "_port_uuid": {
                    "oneof": [
                      "port_uuid"
                    ]
                  },
                  "_portgroup_uuid": {
                    "oneof": [
                      "portgroup_uuid"
                    ]
                  }
                },
                "fields": {
                  "id": {
                    "type": "string",
                    "id": 1
                  },
                  "port_uuid": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "portgroup_uuid": {
                    "type": "string",
                    "id": 3,
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              },
              "VifInfo": {
                "oneofs": {
                  "_port_uuid": {
                    "oneof": [
                      "port_uuid"
                    ]
                  },
                  "_portgroup_uuid": {
                    "oneof": [
                      "portgroup_uuid"
                    ]
                  },
                  "_project_id": {
                    "oneof": [
                      "project_id"
                    ]
                  }
                },
                "fields": {
                  "id": {
                    "type": "string",
                    "id": 1
                  },
                  "port_uuid": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "portgroup_uuid": {
                    "type": "string",
                    "id": 3,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "project_id": {
                    "type": "string",
                    "id": 4,
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              },
              "DhcpOption": {
                "oneofs": {
                  "_opt_value": {
                    "oneof": [
                      "opt_value"
                    ]
                  },
                  "_ip_version": {
                    "oneof": [
                      "ip_version"
                    ]
                  }
                },
                "fields": {
                  "opt_name": {
                    "type": "string",
                    "id": 1
                  },
                  "opt_value": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "ip_version": {
                    "type": "uint32",
                    "id": 3,
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              },
              "PortBinding": {
                "oneofs": {
                  "_port_uuid": {
                    "oneof": [
                      "port_uuid"
                    ]
                  },
                  "_portgroup_uuid": {
                    "oneof": [
                      "portgroup_uuid"
                    ]
                  }
                },
                "fields": {
                  "port_uuid": {
                    "type": "string",
                    "id": 1,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "portgroup_uuid": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "neutron_port_id": {
                    "type": "string",
                    "id": 3
                  },
                  "network_id": {
                    "type": "string",
                    "id": 4
                  },
                  "host_id": {
                    "type": "string",
                    "id": 5
                  },
                  "vnic_type": {
                    "type": "string",
                    "id": 6
                  },
                  "vif_type": {
                    "type": "string",
                    "id": 7
                  },
                  "status": {
                    "type": "string",
                    "id": 8
                  },
                  "mac_address": {
                    "type": "string",
                    "id": 9
                  },
                  "fixed_ips": {
                    "rule": "repeated",
                    "type": "FixedIp",
                    "id": 10
                  },
                  "profile": {
                    "type": "google.protobuf.Struct",
                    "id": 11
                  }
                }
              },
              "FixedIp": {
                "fields": {
                  "subnet_id": {
                    "type": "string",
                    "id": 1
                  },
                  "ip_address": {
                    "type": "string",
                    "id": 2
                  }
                }
              },
              "BindingFailure": {
                "oneofs": {
                  "_port_uuid": {
                    "oneof": [
                      "port_uuid"
                    ]
                  },
                  "_portgroup_uuid": {
                    "oneof": [
                      "portgroup_uuid"
                    ]
                  },
                  "_kind": {
                    "oneof": [
                      "kind"
                    ]
                  }
                },
                "fields": {
                  "port_uuid": {
                    "type": "string",
                    "id": 1,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "portgroup_uuid": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "reason": {
                    "type": "string",
                    "id": 3
                  },
                  "kind": {
                    "type": "string",
                    "id": 4,
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              },
              "Finding": {
                "oneofs": {
                  "_network_type": {
                    "oneof": [
                      "network_type"
                    ]
                  },
                  "_port_uuid": {
                    "oneof": [
                      "port_uuid"
                    ]
                  },
                  "_portgroup_uuid": {
                    "oneof": [
                      "portgroup_uuid"
                    ]
                  }
                },
                "fields": {
                  "kind": {
                    "type": "string",
                    "id": 1
                  },
                  "network_type": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "neutron_port_id": {
                    "type": "string",
                    "id": 3
                  },
                  "port_uuid": {
                    "type": "string",
                    "id": 4,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "portgroup_uuid": {
                    "type": "string",
                    "id": 5,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "reason": {
                    "type": "string",
                    "id": 6
                  },
                  "repaired": {
                    "type": "bool",
                    "id": 7
                  }
                }
              },
              "Error": {
                "fields": {
                  "class": {
                    "type": "string",
                    "id": 1
                  },
                  "module": {
                    "type": "string",
                    "id": 2
                  },
                  "message": {
                    "type": "string",
                    "id": 3
                  }
                }
              },
              "OperationResult": {
                "oneofs": {
                  "_network_type": {
                    "oneof": [
                      "network_type"
                    ]
                  },
                  "_error": {
                    "oneof": [
                      "error"
                    ]
                  },
                  "_current_vif": {
                    "oneof": [
                      "current_vif"
                    ]
                  },
                  "_need_power_on": {
                    "oneof": [
                      "need_power_on"
                    ]
                  }
                },
                "fields": {
                  "operation_id": {
                    "type": "string",
                    "id": 1
                  },
                  "node_uuid": {
                    "type": "string",
                    "id": 2
                  },
                  "method": {
                    "type": "string",
                    "id": 3
                  },
                  "network_provider": {
                    "type": "string",
                    "id": 4
                  },
                  "network_type": {
                    "type": "string",
                    "id": 5,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "status": {
                    "type": "string",
                    "id": 6
                  },
                  "bindings": {
                    "rule": "repeated",
                    "type": "PortBinding",
                    "id": 7
                  },
                  "failures": {
                    "rule": "repeated",
                    "type": "BindingFailure",
                    "id": 8
                  },
                  "error": {
                    "type": "Error",
                    "id": 9,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "warnings": {
                    "rule": "repeated",
                    "type": "BindingFailure",
                    "id": 10
                  },
                  "vifs": {
                    "rule": "repeated",
                    "type": "Vif",
                    "id": 11
                  },
                  "current_vif": {
                    "type": "string",
                    "id": 12,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "need_power_on": {
                    "type": "bool",
                    "id": 13,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "network_data": {
                    "type": "google.protobuf.Struct",
                    "id": 14
                  },
                  "findings": {
                    "rule": "repeated",
                    "type": "Finding",
                    "id": 15
                  }
                }
              },
              "RpcContext": {
                "oneofs": {
                  "_request_id": {
                    "oneof": [
                      "request_id"
                    ]
                  },
                  "_global_request_id": {
                    "oneof": [
                      "global_request_id"
                    ]
                  }
                },
                "fields": {
                  "request_id": {
                    "type": "string",
                    "id": 1,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "global_request_id": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              },
              "RpcRequest": {
                "oneofs": {
                  "_namespace": {
                    "oneof": [
                      "namespace"
                    ]
                  },
                  "_msg_id": {
                    "oneof": [
                      "msg_id"
                    ]
                  },
                  "_reply_q": {
                    "oneof": [
                      "reply_q"
                    ]
                  },
                  "_timeout": {
                    "oneof": [
                      "timeout"
                    ]
                  }
                },
                "fields": {
                  "method": {
                    "type": "string",
                    "id": 1
                  },
                  "version": {
                    "type": "string",
                    "id": 2
                  },
                  "namespace": {
                    "type": "string",
                    "id": 3,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "unique_id": {
                    "type": "string",
                    "id": 4
                  },
                  "msg_id": {
                    "type": "string",
                    "id": 5,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "reply_q": {
                    "type": "string",
                    "id": 6,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "timeout": {
                    "type": "uint32",
                    "id": 7,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "context": {
                    "type": "RpcContext",
                    "id": 8
                  },
                  "args": {
                    "type": "Arguments",
                    "id": 9
                  }
                }
              },
              "Arguments": {
                "oneofs": {
                  "_node_id": {
                    "oneof": [
                      "node_id"
                    ]
                  },
                  "_network_type": {
                    "oneof": [
                      "network_type"
                    ]
                  },
                  "_vif_id": {
                    "oneof": [
                      "vif_id"
                    ]
                  },
                  "_port_uuid": {
                    "oneof": [
                      "port_uuid"
                    ]
                  },
                  "_portgroup_uuid": {
                    "oneof": [
                      "portgroup_uuid"
                    ]
                  },
                  "_fix": {
                    "oneof": [
                      "fix"
                    ]
                  },
                  "_request_id": {
                    "oneof": [
                      "request_id"
                    ]
                  }
                },
                "fields": {
                  "task": {
                    "type": "Task",
                    "id": 1
                  },
                  "node_id": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "result": {
                    "type": "OperationResult",
                    "id": 3
                  },
                  "network_type": {
                    "type": "string",
                    "id": 4,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "vif_info": {
                    "type": "VifInfo",
                    "id": 5
                  },
                  "vif_id": {
                    "type": "string",
                    "id": 6,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "port_uuid": {
                    "type": "string",
                    "id": 7,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "portgroup_uuid": {
                    "type": "string",
                    "id": 8,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "port_obj": {
                    "type": "Port",
                    "id": 9
                  },
                  "portgroup_obj": {
                    "type": "Portgroup",
                    "id": 10
                  },
                  "options": {
                    "rule": "repeated",
                    "type": "DhcpOption",
                    "id": 11
                  },
                  "fix": {
                    "type": "bool",
                    "id": 12,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "request_id": {
                    "type": "string",
                    "id": 13,
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              },
              "RpcReply": {
                "oneofs": {
                  "_failure": {
                    "oneof": [
                      "failure"
                    ]
                  },
                  "_pong": {
                    "oneof": [
                      "pong"
                    ]
                  }
                },
                "fields": {
                  "result": {
                    "type": "OperationResult",
                    "id": 1
                  },
                  "failure": {
                    "type": "string",
                    "id": 2,
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "ending": {
                    "type": "bool",
                    "id": 3
                  },
                  "msg_id": {
                    "type": "string",
                    "id": 4
                  },
                  "unique_id": {
                    "type": "string",
                    "id": 5
                  },
                  "pong": {
                    "type": "string",
                    "id": 6,
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "google": {
    "nested": {
      "protobuf": {
        "nested": {
          "Struct": {
            "fields": {
              "fields": {
                "keyType": "string",
                "type": "Value",
                "id": 1
              }
            }
          },
          "Value": {
            "oneofs": {
              "kind": {
                "oneof": [
                  "nullValue",
                  "numberValue",
                  "stringValue",
                  "boolValue",
                  "structValue",
                  "listValue"
                ]
              }
            },
            "fields": {
              "nullValue": {
                "type": "NullValue",
                "id": 1,
                "protoName": "null_value"
              },
              "numberValue": {
                "type": "double",
                "id": 2,
                "protoName": "number_value"
              },
              "stringValue": {
                "type": "string",
                "id": 3,
                "protoName": "string_value"
              },
              "boolValue": {
                "type": "bool",
                "id": 4,
                "protoName": "bool_value"
              },
              "structValue": {
                "type": "Struct",
                "id": 5,
                "protoName": "struct_value"
              },
              "listValue": {
                "type": "ListValue",
                "id": 6,
                "protoName": "list_value"
              }
            }
          },
          "NullValue": {
            "values": {
              "NULL_VALUE": 0
            }
          },
          "ListValue": {
            "fields": {
              "values": {
                "rule": "repeated",
                "type": "Value",
                "id": 1
              }
            }
          }
        }
      }
    }
  }
});

/**
 * Reflected root namespace.
 * @type {$protobuf.Root}
 */
module.exports = $root;
