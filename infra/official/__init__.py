"""Google's own Firestore and Pub/Sub emulators in the suite's place of ours, where they are installed: `EMULATORS=official`."""
