# shellcheck shell=bash
# What script/test checks beside the suites: style, generated code, structure, and whether the Python package can be packed.
# The function check, which counts a check as a test, is in script/test.

# The process that checks, beside the start of the servers and the suite unit.
CHECKER=''

begin_checks() {
  local own=$LOG_DIR/checks
  need_packages shellcheck flake8
  (
    passed=0 failed=0 failures=()
    checks
    echo "$passed $failed 0" >"$own.totals"
    ((failed == 0)) || printf '%s\n' "${failures[@]#FAILED  }" >"$own.failures"
  ) >"$own.log" 2>&1 &
  CHECKER=$!
}

# Waits for the checks, if they have begun, and adds their counts.
end_checks() {
  local own=$LOG_DIR/checks status=0
  [[ $CHECKER ]] || return 0
  wait "$CHECKER" || status=$?
  CHECKER=''
  heading checks
  cat "$own.log" >&2
  echo "$status" >"$own.status"
  add_counts "$own"
}

checks() {
  check "lint" npx --no-install eslint .
  check "formatting" npx --no-install prettier --check --log-level warn .
  check "generated code is fresh" generated_is_fresh
  check "architecture" npm run --silent architecture
  check "spelling" npm run --silent spelling
  check "shell scripts" shellcheck -x script/services script/test script/demo script/bench script/chaos script/generate \
    script/package script/release packaging/debian/{postinst,prerm,postrm} \
    script/lib/*.sh script/lib/wsrep_sst_netprov .ci/run
  check "Python of the worlds" /usr/bin/python3 -m flake8 --config ironic/.flake8 script/lib/worlds/{keystone-wsgi-public,neutron-server,python}
}

# The Python package of the folder ironic/: its style and its own tests, and that it can be packed.
python_package() {
  (
    # A world's flake8 may have plug-ins of other packages, which do not load. The style is the same anywhere.
    cd ironic &&
      { [[ ${NETPROV_WORLD:-} ]] || /usr/bin/python3 -m flake8 .; } &&
      /usr/bin/python3 -B -W ignore -m unittest &&
      mkdir "$LOG_DIR/package" &&
      # What Python has compiled may be another user's.
      tar --create --exclude=__pycache__ . | tar --extract --directory "$LOG_DIR/package" &&
      cd "$LOG_DIR/package" &&
      /usr/bin/python3 -W ignore -c 'import setuptools; setuptools.setup()' --quiet sdist bdist_wheel &&
      ls dist/*.whl dist/*.tar.gz
  )
}

generated_is_fresh() {
  local fresh=$LOG_DIR/generated
  mkdir -p "$fresh"
  script/generate "$fresh"
  diff -r "$fresh" src/contract/generated
}
