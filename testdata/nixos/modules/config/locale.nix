# Time and language.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    time.timeZone = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "Europe/Vienna";
      description = "The time zone for displayed times; null leaves it to the users.";
    };
    i18n.defaultLocale = mkOption {
      type = types.str;
      default = "en_US.UTF-8";
      example = "de_AT.UTF-8";
      description = "The locale for messages, dates and numbers.";
    };
  };

  config.environment.etc = {
    "locale.conf".text = "LANG=${config.i18n.defaultLocale}\n";
    timezone = lib.mkIf (config.time.timeZone != null) { text = config.time.timeZone + "\n"; };
  };
}
