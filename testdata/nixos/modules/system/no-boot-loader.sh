echo "warning: no boot loader is enabled, so the boot menu stays as it is" >&2
