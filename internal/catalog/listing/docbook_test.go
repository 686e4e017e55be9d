package listing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithoutTags(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Whether to enable it.": "Whether to enable it.",
		"See <option>a.b</option> and <literal>x &lt; y &amp;&amp; z</literal>.":                            "See `a.b` and `x < y && z`.",
		"<para>One.</para><para>Two <emphasis>really</emphasis>.</para>":                                    "\nOne.\n\nTwo really.\n",
		"<citerefentry><refentrytitle>git</refentrytitle><manvolnum>1</manvolnum></citerefentry>":           "git(1)",
		`See <xref linkend="opt-services.x.enable"/> or <link xlink:href="https://a.example/">this</link>.`: "See `services.x.enable` or this.",
		"Keeps &amp;lt; and <name> of services.<name>.enable, a < b, and <https://a.example/>":              "Keeps &lt; and <name> of services.<name>.enable, a < b, and <https://a.example/>",
		`<programlisting language="nix">` + "\n  x = 1;\n</programlisting>":                                 "\n\n  x = 1;\n\n",
		"<filename/> is <xref linkend='chapter'/>":                                                          " is ",
		"<literal>unclosed": "<literal>unclosed",
	} {
		if diff := cmp.Diff(want, withoutTags(text)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}
