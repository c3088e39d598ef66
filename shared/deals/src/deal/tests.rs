mod cheats;
mod course;
mod every;
mod rules;
mod signing;
mod walk;
