#!/bin/sh
case "${1-}" in
  --hash|--revision)
    echo "@revision@"
    ;;
  --configuration-revision)
    case "@configurationRevision@" in
      *@*) echo "$0: the system was built from an unknown revision of its configuration" >&2; exit 1 ;;
    esac
    echo "@configurationRevision@"
    ;;
  --json)
    cat <<'EOF'
@json@
EOF
    ;;
  *)
    echo "@version@ (@codeName@)"
    ;;
esac
