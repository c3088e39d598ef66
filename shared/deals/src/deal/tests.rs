mod course;
mod every;
mod signing;
