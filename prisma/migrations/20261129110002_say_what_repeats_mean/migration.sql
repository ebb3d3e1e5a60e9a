ALTER TABLE "interaction_types"
ADD COLUMN "repeats" TEXT NOT NULL DEFAULT 'max' CHECK ("repeats" IN ('max', 'sum', 'newest'));
