-- AlterTable
ALTER TABLE "catalogs" ADD COLUMN     "unknown_items" TEXT NOT NULL DEFAULT 'create';
