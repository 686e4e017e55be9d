echo "setting up /etc..."
mkdir -p "$root/etc"
ln -sfn "$systemConfig/etc" "$root/etc/static"
# Links that lead into an older tree and to nothing in this one.
for link in "$root"/etc/*; do
  case $(readlink "$link") in
    static/*) [ -e "$link" ] || rm "$link" ;;
  esac
done
# A real file or directory, such as /etc/nixos, is left as it is.
for entry in "$root"/etc/static/*; do
  link=$root/etc/${entry##*/}
  [ -e "$link" ] || [ -L "$link" ] || ln -s "static/${entry##*/}" "$link"
done
