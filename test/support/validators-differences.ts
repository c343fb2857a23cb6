/** What netprov answers otherwise than Ironic, and why that is wanted. A line: the request, Ironic's status, and ours; then what each shows. */
export const WANTED: readonly { why: string; lines: readonly string[] }[] = [
  {
    why: 'What Ironic cannot keep, or cannot compare, and fails over with 500: ours says 400, or takes null as it does elsewhere',
    lines: [
      'POST ports pxe_enabled null: 500 201',
      'PATCH ports pxe_enabled null: 500 200',
      'POST portgroups standalone_ports_supported null: 500 201',
      'PATCH portgroups standalone_ports_supported null: 500 200',
      'POST portgroups mode "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (258): 500 400',
      'PATCH portgroups mode "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (258): 500 400',
      'PATCH nodes description null: 500 200',
      'PATCH nodes description 7: 500 400',
      'PATCH nodes description true: 500 400',
      'PATCH nodes owner "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (258): 500 400',
      'POST nodes lessee "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (258): 500 400',
      'PATCH nodes lessee "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (258): 500 400',
      'GET nodes fields=nothing: 500 400',
      'GET nodes fields=links: 500 200',
      'PATCH null: 500 400',
      'POST nodes properties null: 500 201',
    ],
  },
  {
    why: 'A smart NIC without a host cannot be bound. Ironic looks at the host only where a link was once given',
    lines: [
      'POST ports is_smartnic true: 201 400',
      'POST ports is_smartnic "true": 201 400',
      'POST ports is_smartnic "yes": 201 400',
      'POST ports is_smartnic " 1 ": 201 400',
      'PATCH ports is_smartnic true: 200 400',
      'PATCH ports is_smartnic "true": 200 400',
      'PATCH ports is_smartnic "yes": 200 400',
      'PATCH ports is_smartnic " 1 ": 200 400',
    ],
  },
  {
    why: 'null is kept as null, in a new port as in a changed one',
    lines: ['POST ports is_smartnic null: 201 201 false null'],
  },
  {
    why: "Tasks may bring names that Ironic's API would not take: there is no such node, and no such name is wrong",
    lines: ['GET ports node=a b: 400 404', 'GET ports node=: 400 404'],
  },
  {
    why: 'The request contradicts itself: that is no matter of who asks',
    lines: ['GET ports node={node}&portgroup={group}: 403 400'],
  },
  {
    why: 'By these names no portgroup can be found: an empty one names none, detail is a list, and a UUID is taken for one',
    lines: [
      'POST portgroups name "": 201 400',
      'POST portgroups name "detail": 201 400',
      'POST portgroups name "99999999-9999-4999-8999-999999999999": 201 400',
      'PATCH portgroups name "": 409 400',
      'PATCH portgroups name "detail": 409 400',
      'PATCH portgroups name "99999999-9999-4999-8999-999999999999": 409 400',
    ],
  },
  {
    why: 'null takes a name back in a patch, as it gives none to a new node',
    lines: ['PATCH nodes name null: 400 200'],
  },
  {
    why: 'Network data is kept for every network provider; Ironic refuses it under noop',
    lines: ['PATCH nodes network_data null: 400 200', 'PATCH nodes network_data {}: 400 200'],
  },
  {
    why: 'Without Keystone, Ironic takes whoever asks for a project without an id, and lets it own nothing',
    lines: [
      'POST nodes owner "": 201 201 null ""',
      'POST nodes owner "x": 400 201',
      'POST nodes owner "Ä": 400 201',
      'POST nodes owner "a b": 400 201',
      'POST nodes owner "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (257): 400 201',
    ],
  },
  {
    why: "Which states there are is Ironic's, and newer versions have more",
    lines: ['GET nodes provision_state=x: 400 200'],
  },
  {
    why: "Ironic 29 takes a node's name for its UUID in a patch, which 21.4 refuses and no version documents",
    lines: ['PATCH ports node_uuid "{name}": 200 400', 'PATCH portgroups node_uuid "{name}": 200 400'],
  },
  {
    why: "A JSON pointer may name any key, as Ironic's has since 1.98",
    lines: ['PATCH [{"op":"add","path":"/extra/a.b","value":1}]: 400 200'],
  },
];
