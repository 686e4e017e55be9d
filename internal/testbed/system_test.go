package testbed

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConfiguration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		system System
		want   string
	}{
		{
			name: "zero value",
			want: `# The configuration of this machine.
{ config, pkgs, ... }:

{
  imports = [ ./hardware-configuration.nix ];

  environment.systemPackages = with pkgs; [
  ];
}
`,
		},
		{
			name: "everything",
			system: System{
				Label: "my ${label}", Release: "25.05", Revision: "abc", HostName: "box",
				Packages: []string{"git", "vim"}, Services: []string{"nginx"},
				Kernel: "linuxPackages_latest", Specialisations: []string{"gaming"},
				Fault: FaultUnit, Layout: "22.05", SwitchProgram: "/etc/switch", Extra: `time.timeZone = "UTC";`,
			},
			want: `# The configuration of this machine.
{ config, pkgs, ... }:

{
  imports = [ ./hardware-configuration.nix ];

  luminous.release = "25.05";
  luminous.fault = "unit";
  luminous.layout = "22.05";
  luminous.switchProgram = /. + "/etc/switch";
  system.nixos.version = "my \${label}";
  system.configurationRevision = "abc";
  networking.hostName = "box";
  boot.kernelPackages = pkgs.linuxPackages_latest;
  services.nginx.enable = true;
  specialisation."gaming".configuration.environment.systemPackages = [ pkgs.htop ];
  time.timeZone = "UTC";

  environment.systemPackages = with pkgs; [
    git
    vim
  ];
}
`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.system.Configuration("./hardware-configuration.nix")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}
