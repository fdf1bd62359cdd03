package form

// Orders lets the test see the table.
var Orders = orders
