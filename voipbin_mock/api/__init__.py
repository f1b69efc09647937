"""Operations declared, found, and answered when they are plain."""
