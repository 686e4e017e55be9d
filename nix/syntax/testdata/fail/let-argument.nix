f let x
