# Licences that the packages have.
let
  free = spdxId: fullName: { inherit spdxId fullName; free = true; };
in
{
  asl20 = free "Apache-2.0" "Apache License 2.0";
  bsd3 = free "BSD-3-Clause" "BSD 3-clause \"New\" or \"Revised\" License";
  curl = free "curl" "curl License";
  gpl2 = free "GPL-2.0-only" "GNU General Public License v2.0 only";
  gpl2Plus = free "GPL-2.0-or-later" "GNU General Public License v2.0 or later";
  gpl3Plus = free "GPL-3.0-or-later" "GNU General Public License v3.0 or later";
  isc = free "ISC" "ISC License";
  lgpl21Plus = free "LGPL-2.1-or-later" "GNU Lesser General Public License v2.1 or later";
  lgpl3 = free "LGPL-3.0-only" "GNU Lesser General Public License v3.0 only";
  mit = free "MIT" "MIT License";
  mpl20 = free "MPL-2.0" "Mozilla Public License 2.0";
  postgresql = free "PostgreSQL" "PostgreSQL License";
  psfl = free "Python-2.0" "Python Software Foundation License version 2";
  publicDomain = { fullName = "Public Domain"; free = true; };
  vim = free "Vim" "Vim License";
  x11 = free "X11" "X11 License";
  zlib = free "Zlib" "zlib License";
  unfree = { fullName = "Unfree"; free = false; };
}
