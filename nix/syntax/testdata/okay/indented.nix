x: [
  ''''
  ''
  ''
  ''one line''
  ''
    first
      second

    third
  ''
  ''
      deep
    ${x} and
      ${x}
  ''
  ''  kept
      as first line
  ''
  ''
    ''${x} ''$x $ $$ $''' '' ''\n|''\ | 'x' '
    ''' end''
  ''
 	 tab
    four''
  ''   ${x}''
  ''${"constant"}''
  ''a'$b''
]
