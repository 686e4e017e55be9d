# first
/* block **/ /**/ x: # after
/** doc
 * comment */
[ x/* */x #*/
]
# last, without line end