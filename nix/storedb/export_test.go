package storedb

// LinksAt is Links at some time.
var LinksAt = linksAt
