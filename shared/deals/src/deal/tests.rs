mod course;
mod signing;
