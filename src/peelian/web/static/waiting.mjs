// Looks again how far a job is. Without scripts the page reloads itself.
setTimeout(() => location.reload(), 2000);
