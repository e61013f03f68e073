// alcove
